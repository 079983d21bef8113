// What every framing promises, as tests that anyone can run against a framing of their own.
// Invariant: only the public contract is used, so what passes here can be given to `connect` and `listen`.

import assert from "node:assert/strict";
import { ByteQueue } from "../core/byte-queue.js";
import { LimitError, ProtocolError, SocketError } from "../core/errors.js";
import type { Framer, Framing } from "../protocol/framing/framing.js";
import { type Cut, cutAnywhere, cutEverywhere, cutNowhere, joined, pick, seeded } from "./cuts.js";

/** Registers a test: `test` of `node:test`, or another runner's. */
export type RegisterTest = (name: string, body: () => void | Promise<void>) => unknown;

/** A sequence of frames and the bytes that it is on the wire. */
export interface FramingExample {
  readonly frames: readonly Uint8Array[];
  readonly wire: Uint8Array;
}

export interface FramingSamples {
  /** Frames that it carries, each of at most 1 KiB: the more unlike each other, the better. */
  readonly frames: readonly Uint8Array[];
  /** Literal bytes, which pin the wire format in both directions. */
  readonly examples?: readonly FramingExample[] | undefined;
  /** Bytes that it reads too, though it would send these frames in another form. */
  readonly alsoReads?: readonly FramingExample[] | undefined;
  /** Frames that must be refused when they are sent. */
  readonly unsendable?: readonly Uint8Array[] | undefined;
  /** Input that must be refused: what was sent and, where only its end shows it, the end. */
  readonly broken?: readonly Uint8Array[] | undefined;
  /** For the random cuts and the garbage; the failing one is in the test's name. */
  readonly seed?: number | undefined;
  /** What to call it in test names, where one file tests several: `lines({ eol: "crlf" })`. */
  readonly name?: string | undefined;
}

const frameBytesMax = 1_024;
/** What a framing may leave in the queue beside a frame: its marks. */
const marksBytesMax = 64;
const garbageRounds = 200;

/** Registers one test per promise. A framing that does not keep boundaries is held to the bytes, not to the frames. */
export function framingContract<Message>(
  test: RegisterTest,
  framing: Framing<Message>,
  samples: FramingSamples,
): void {
  const seed = samples.seed ?? Math.floor(Math.random() * 2 ** 32);
  const open = () => framing.open({ frameBytesMax });
  const same = framing.keepsBoundaries ? assertSameFrames : assertSameBytes;
  const named = (promise: string) => `${samples.name ?? framing.name}: ${promise}`;
  const readable = [...(samples.examples ?? []), ...(samples.alsoReads ?? [])];
  const cuts: readonly (readonly [string, () => Cut])[] = [
    ["whole", () => cutNowhere],
    ["byte by byte", () => cutEverywhere],
    [`cut at random (seed ${seed})`, () => cutAnywhere(seeded(seed))],
  ];

  for (const [how, cut] of cuts) {
    test(named(`frames come back the same, in order, from input that comes ${how}`), () => {
      const wire = wireOf(open(), samples.frames);
      same(framesOf(open(), wire, cut()), samples.frames);
    });

    test(named(`the examples read as they are written down, from input that comes ${how}`), () => {
      for (const { frames, wire } of readable) same(framesOf(open(), wire, cut()), frames);
    });

    test(
      named(`broken input is refused with a SocketError, the same one ever after, when it comes ${how}`),
      () => {
        for (const wire of samples.broken ?? []) assertRefused(open(), wire, cut());
      },
    );
  }

  test(named("what is sent is what the examples say, byte for byte"), () => {
    for (const { frames, wire } of samples.examples ?? []) {
      assert.deepEqual([...wireOf(open(), frames)], [...wire]);
    }
  });

  test(named("two connections of one framing know nothing of each other"), () => {
    const [left, right] = [open(), open()];
    const [leftInput, rightInput] = [new ByteQueue(), new ByteQueue()];
    const [leftFrames, rightFrames]: [Uint8Array[], Uint8Array[]] = [[], []];
    for (const byte of wireOf(open(), samples.frames)) {
      leftInput.append(Uint8Array.of(byte));
      rightInput.append(Uint8Array.of(byte));
      leftFrames.push(...drained(left, leftInput));
      rightFrames.push(...drained(right, rightInput));
    }
    same([...leftFrames, ...ended(left, leftInput)], samples.frames);
    same([...rightFrames, ...ended(right, rightInput)], samples.frames);
  });

  test(named("input that ends with nothing waiting ends without a frame"), () => {
    assert.equal(open().end(new ByteQueue()), undefined);
  });

  test(named("a frame that was handed out is never written to again"), () => {
    const wire = wireOf(open(), samples.frames);
    const framer = open();
    const input = new ByteQueue();
    const kept: { readonly frame: Uint8Array; readonly copy: Uint8Array }[] = [];
    for (const piece of cutAnywhere(seeded(seed))(joined([wire, wire]))) {
      input.append(piece);
      for (const frame of drained(framer, input)) kept.push({ frame, copy: frame.slice() });
    }
    for (const { frame, copy } of kept) assert.deepEqual(frame, copy);
  });

  test(named("a frame that cannot be sent is refused by local, and the next one goes out as ever"), () => {
    for (const frame of samples.unsendable ?? []) {
      const framer = open();
      assert.throws(
        () => framer.header(frame),
        (error) => error instanceof ProtocolError && error.by === "local",
      );
      same(framesOf(open(), wireOf(framer, samples.frames), cutNowhere), samples.frames);
    }
  });

  if (framing.keepsBoundaries) {
    test(named("a frame above frameBytesMax is not sent"), () => {
      const frame = samples.frames.find(({ length }) => length > 1);
      assert.ok(frame, "the samples need a frame of two bytes or more");
      const framer = framing.open({ frameBytesMax: frame.length - 1 });
      assert.throws(() => framer.header(frame), LimitError);
    });

    test(
      named("a frame of frameBytesMax is received, and one above it refused before it is buffered"),
      () => {
        const frame = samples.frames.reduce((most, next) => (next.length > most.length ? next : most));
        const wire = wireOf(open(), [frame]);
        const fits = framing.open({ frameBytesMax: frame.length });
        assert.deepEqual(framesOf(fits, wire, cutEverywhere), [frame]);
        const tight = framing.open({ frameBytesMax: frame.length - 1 });
        const input = new ByteQueue();
        assert.throws(() => fed(tight, input, wire), LimitError);
        assert.ok(input.size <= frame.length - 1 + marksBytesMax, `${input.size} bytes were buffered`);
      },
    );
  }

  test(
    named(`garbage raises nothing but SocketErrors and buffers no more than a frame (seed ${seed})`),
    () => {
      const random = seeded(seed);
      for (let round = 0; round < garbageRounds; round += 1) {
        const framer = open();
        const input = new ByteQueue();
        try {
          for (const piece of cutAnywhere(random)(garbage(random, samples.frames))) {
            input.append(piece);
            drained(framer, input);
            assert.ok(input.size <= frameBytesMax + marksBytesMax, `${input.size} bytes were buffered`);
          }
          ended(framer, input);
        } catch (error) {
          if (!(error instanceof SocketError)) throw error;
        }
      }
    },
  );
}

/** The bytes that `framer` makes of `frames`. */
function wireOf(framer: Framer, frames: readonly Uint8Array[]): Uint8Array {
  return joined(frames.flatMap((frame) => [framer.header(frame).slice(), frame, framer.trailer]));
}

function framesOf(framer: Framer, wire: Uint8Array, cut: Cut): Uint8Array[] {
  const input = new ByteQueue();
  const frames: Uint8Array[] = [];
  for (const piece of cut(wire)) {
    input.append(piece);
    frames.push(...drained(framer, input));
  }
  return [...frames, ...ended(framer, input)];
}

/** One byte at a time, and no further than to the first error. */
function fed(framer: Framer, input: ByteQueue, wire: Uint8Array): void {
  for (const byte of wire) {
    input.append(Uint8Array.of(byte));
    drained(framer, input);
  }
}

function drained(framer: Framer, input: ByteQueue): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (;;) {
    const frame = framer.decode(input);
    if (frame === undefined) return frames;
    frames.push(frame);
  }
}

function ended(framer: Framer, input: ByteQueue): Uint8Array[] {
  const last = framer.end(input);
  return last === undefined ? [] : [last];
}

function assertRefused(framer: Framer, wire: Uint8Array, cut: Cut): void {
  const input = new ByteQueue();
  const first = thrownBy(() => {
    for (const piece of cut(wire)) {
      input.append(piece);
      drained(framer, input);
    }
    framer.end(input);
  });
  assert.ok(first instanceof SocketError, `broken input gave ${String(first)}`);
  input.append(wire);
  assert.equal(
    thrownBy(() => framer.decode(input)),
    first,
    "a framing error is permanent",
  );
}

function thrownBy(body: () => void): unknown {
  try {
    body();
  } catch (error) {
    return error;
  }
  return undefined;
}

function assertSameFrames(actual: readonly Uint8Array[], expected: readonly Uint8Array[]): void {
  assert.deepEqual(actual.map(plain), expected.map(plain));
}

function assertSameBytes(actual: readonly Uint8Array[], expected: readonly Uint8Array[]): void {
  assert.deepEqual(joined(actual), joined(expected));
}

/** Without the class: a sample may be a `Buffer`. */
function plain(frame: Uint8Array): readonly number[] {
  return [...frame];
}

/** Random bytes between pieces of real frames, since pure chance seldom gets past a first check. */
function garbage(random: () => number, frames: readonly Uint8Array[]): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (let i = 0; i < 8; i += 1) {
    pieces.push(Uint8Array.from({ length: Math.floor(random() * 64) }, () => Math.floor(random() * 256)));
    pieces.push(pick(random, frames) ?? new Uint8Array(0));
  }
  return joined(pieces);
}
