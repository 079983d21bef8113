import assert from "node:assert/strict";
import { test } from "node:test";
import type { ByteQueue } from "../../src/core/byte-queue.js";
import { LimitError, ProtocolError } from "../../src/core/errors.js";
import { bytes } from "../../src/protocol/encoding/bytes.js";
import type { Framer, Framing, FramingLimits } from "../../src/protocol/framing/framing.js";
import { type FramingSamples, framingContract } from "../../src/testing/framing-contract.js";
import { brokenPromises } from "./broken-promises.js";

// A framing of one length byte, written as a user would, with one mistake at a time.
const mistakes = {
  "loses a half header's place": /byte by byte/,
  "shares its state": /know nothing of each other|byte by byte/,
  "checks no limit on the way in": /refused before it is buffered/,
  "checks no limit on the way out": /is not sent/,
  "forgets its error": /the same one ever after/,
  "throws what is no SocketError": /nothing but SocketErrors/,
  "sends what it cannot carry": /refused by local/,
  "hands out what it writes to again": /never written to again/,
  "gives a frame at an empty end": /ends without a frame/,
  "writes its length twice": /byte for byte|come back the same/,
} as const;
type Mistake = keyof typeof mistakes;

function oneByteLength(mistake?: Mistake): Framing {
  const shared = new OneByteFramer({ frameBytesMax: 1_024 }, mistake);
  return {
    name: "oneByteLength",
    defaultEncoding: bytes(),
    keepsBoundaries: true,
    open: (limits) => (mistake === "shares its state" ? shared : new OneByteFramer(limits, mistake)),
  };
}

class OneByteFramer implements Framer {
  readonly trailer: Uint8Array = new Uint8Array(0);
  readonly #max: number;
  readonly #mistake: Mistake | undefined;
  readonly #reused: Uint8Array = new Uint8Array(1_024);
  #size: number | undefined;
  #error: Error | undefined;

  constructor({ frameBytesMax }: FramingLimits, mistake: Mistake | undefined) {
    this.#max = frameBytesMax;
    this.#mistake = mistake;
  }

  decode(input: ByteQueue): Uint8Array | undefined {
    if (this.#error !== undefined) throw this.#error;
    if (this.#size === undefined) {
      if (input.size < 1) return undefined;
      this.#size = input.take(1)[0] ?? 0;
      if (this.#size === 255) this.#fail("255 is no length");
      if (this.#size > this.#max && this.#mistake !== "checks no limit on the way in") {
        throw new LimitError("frameBytesMax", this.#size, this.#max);
      }
    }
    const size = this.#size;
    if (input.size < size) {
      if (this.#mistake === "loses a half header's place") this.#size = undefined;
      return undefined;
    }
    this.#size = undefined;
    const frame = input.take(size);
    if (this.#mistake !== "hands out what it writes to again") return frame;
    this.#reused.set(frame);
    return this.#reused.subarray(0, size);
  }

  end(input: ByteQueue): Uint8Array | undefined {
    if (this.#mistake === "gives a frame at an empty end") return new Uint8Array(0);
    if (input.size === 0 && this.#size === undefined) return undefined;
    return this.#fail("the end came early");
  }

  header(frame: Uint8Array): Uint8Array {
    if (frame.length > this.#max && this.#mistake !== "checks no limit on the way out") {
      throw new LimitError("frameBytesMax", frame.length, this.#max);
    }
    if (frame.length >= 255 && this.#mistake !== "sends what it cannot carry") {
      throw new ProtocolError("ERR_INVALID_MESSAGE", "local", "too long");
    }
    if (this.#mistake === "writes its length twice") return Uint8Array.of(frame.length, frame.length);
    return Uint8Array.of(frame.length);
  }

  #fail(reason: string): never {
    const error =
      this.#mistake === "throws what is no SocketError"
        ? new RangeError(reason)
        : new ProtocolError("ERR_INVALID_BYTES", "remote", reason);
    if (this.#mistake !== "forgets its error") this.#error = error;
    throw error;
  }
}

const samples: FramingSamples = {
  frames: [new Uint8Array(0), Uint8Array.of(1, 2, 3), new Uint8Array(254).fill(9), Uint8Array.of(4)],
  examples: [{ frames: [Uint8Array.of(7, 8)], wire: Uint8Array.of(2, 7, 8) }],
  alsoReads: [{ frames: [], wire: new Uint8Array(0) }],
  unsendable: [new Uint8Array(255)],
  broken: [Uint8Array.of(255), Uint8Array.of(3, 1)],
  seed: 1,
};

test("a framing that keeps every promise passes, with or without the optional samples", async () => {
  assert.deepEqual(
    await brokenPromises((register) => framingContract(register, oneByteLength(), samples)),
    [],
  );
  const { frames } = samples;
  assert.deepEqual(
    await brokenPromises((register) => framingContract(register, oneByteLength(), { frames })),
    [],
  );
});

for (const [mistake, promise] of Object.entries(mistakes)) {
  test(`a framing that ${mistake} is found out`, async () => {
    const framing = oneByteLength(mistake as Mistake);
    const broken = await brokenPromises((register) => framingContract(register, framing, samples));
    assert.ok(
      broken.some((name) => promise.test(name)),
      `found only: ${broken.join(" | ")}`,
    );
  });
}

test("a failing test names its framing, or what the samples call it, and the seed", async () => {
  const framing = oneByteLength("writes its length twice");
  const unnamed = await brokenPromises((register) => framingContract(register, framing, samples));
  assert.ok(unnamed.some((name) => name.startsWith("oneByteLength: ") && name.includes("seed 1")));
  const named = { ...samples, name: "mine" };
  const broken = await brokenPromises((register) => framingContract(register, framing, named));
  assert.ok(broken.every((name) => name.startsWith("mine: ")));
});
