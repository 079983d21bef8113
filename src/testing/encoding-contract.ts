// What every encoding promises, as tests that anyone can run against an encoding of their own.
// Invariant: only the public contract is used, so what passes here can be given to `connect` and `listen`.

import assert from "node:assert/strict";
import { ProtocolError, SocketError } from "../core/errors.js";
import type { Encoding } from "../protocol/encoding/encoding.js";
import { cutEverywhere, joined, seeded } from "./cuts.js";
import type { RegisterTest } from "./framing-contract.js";

export interface EncodingSamples<Send, Receive = Send> {
  /** Messages, and what is received for each: the same, where `received` is left out. */
  readonly messages: readonly { readonly sent: Send; readonly received?: Receive }[];
  /** Literal bytes, which pin the wire format. */
  readonly examples?: readonly { readonly message: Send; readonly bytes: Uint8Array }[] | undefined;
  /** What it must refuse to send. Any type, since callers may be plain JavaScript. */
  readonly unsendable?: readonly unknown[] | undefined;
  /** Whole frames that it must refuse to read. */
  readonly broken?: readonly Uint8Array[] | undefined;
  /** For the garbage; the failing one is in the test's name. */
  readonly seed?: number | undefined;
  /** What to call it in test names, where one file tests several: `lines({ eol: "crlf" })`. */
  readonly name?: string | undefined;
}

const garbageRounds = 500;
const garbageBytesMax = 48;

/** Registers one test per promise. */
export function encodingContract<Send, Receive = Send>(
  test: RegisterTest,
  encoding: Encoding<Send, Receive>,
  samples: EncodingSamples<Send, Receive>,
): void {
  const seed = samples.seed ?? Math.floor(Math.random() * 2 ** 32);
  const named = (promise: string) => `${samples.name ?? encoding.name}: ${promise}`;
  const expected = samples.messages.map((sample) => ("received" in sample ? sample.received : sample.sent));
  const frames = () => {
    const encoder = encoding.open();
    return samples.messages.map(({ sent }) => encoder.encode(sent).slice());
  };

  test(named("messages come back the same"), () => {
    const decoder = encoding.open();
    const received = frames().map((frame) => decoder.decode(frame, false));
    decoder.end();
    assert.deepEqual(received, expected);
  });

  test(named("a message reads the same whatever was read before it, and on another connection"), () => {
    const decoder = encoding.open();
    const backwards = frames().reverse();
    assert.deepEqual(
      backwards.map((frame) => decoder.decode(frame, false)),
      expected.toReversed(),
    );
    assert.deepEqual(
      backwards.map((frame) => encoding.open().decode(frame, false)),
      expected.toReversed(),
    );
  });

  test(named("the examples are what goes over the wire, in both directions"), () => {
    for (const { message, bytes } of samples.examples ?? []) {
      const encoder = encoding.open();
      assert.deepEqual([...encoder.encode(message)], [...bytes]);
      const again = encoder.encode(encoder.decode(bytes.slice(), false) as unknown as Send);
      assert.deepEqual([...again], [...bytes]);
    }
  });

  test(named("what it cannot hold is refused by local, and the next message goes out as ever"), () => {
    const encoder = encoding.open();
    for (const message of samples.unsendable ?? []) {
      assert.throws(() => encoder.encode(message as Send), isProtocolError("local"));
    }
    samples.messages.forEach(({ sent }, index) => {
      assert.deepEqual(encoder.decode(encoder.encode(sent).slice(), false), expected[index]);
    });
  });

  test(named("a frame that it cannot read is refused by remote"), () => {
    for (const frame of samples.broken ?? []) {
      assert.throws(() => encoding.open().decode(frame, false), isProtocolError("remote"));
    }
  });

  test(named("decoding leaves the frame as it was"), () => {
    for (const frame of frames()) {
      const copy = frame.slice();
      encoding.open().decode(frame, false);
      assert.deepEqual(frame, copy);
    }
  });

  if (encoding.anyCut) {
    test(named("what is cut anywhere comes back the same in all"), () => {
      for (const frame of frames()) {
        if (frame.length === 0) continue;
        const decoder = encoding.open();
        const pieces = cutEverywhere(frame).map((piece) => decoder.decode(piece, true));
        decoder.end();
        assert.deepEqual(inOne(pieces), inOne([encoding.open().decode(frame, false)]));
      }
    });
  }

  test(named(`garbage raises nothing but SocketErrors (seed ${seed})`), () => {
    const random = seeded(seed);
    const sent = frames();
    for (let round = 0; round < garbageRounds; round += 1) {
      const noise = Uint8Array.from({ length: Math.floor(random() * garbageBytesMax) }, () => random() * 256);
      // A real message with one byte changed gets further than chance alone.
      const damaged = sent[round % sent.length]?.slice() ?? noise;
      damaged[Math.floor(random() * damaged.length)] = random() * 256;
      for (const frame of [noise, damaged]) {
        try {
          encoding.open().decode(frame, false);
        } catch (error) {
          if (!(error instanceof SocketError)) throw error;
        }
      }
    }
  });
}

function isProtocolError(by: "local" | "remote"): (error: unknown) => boolean {
  return (error) => error instanceof ProtocolError && error.by === by;
}

/** Pieces of text or of bytes in one; an encoding that can be cut anywhere has no other messages. */
function inOne(pieces: readonly unknown[]): string | Uint8Array {
  const present = pieces.filter((piece) => piece !== undefined);
  return present.some((piece) => typeof piece === "string")
    ? present.join("")
    : joined(present.filter((piece) => piece instanceof Uint8Array));
}
