// What every stream transport must do, as tests that run against any of them.
// Invariant: nothing here knows a transport; where they may differ, an option says so.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import { parseEndpoint } from "../core/endpoint.js";
import type { ByteStream } from "../transport/byte-stream.js";
import type { RegisterTest } from "./register-test.js";
import { StreamDriver, turns } from "./stream-driver.js";

/** Two ends of one stream, neither started. */
export interface StreamPair {
  readonly dialer: ByteStream;
  readonly accepted: ByteStream;
  /** Releases what the streams themselves do not hold, such as a listener. */
  close(): Promise<void>;
}

export interface StreamContractOptions {
  /** Stands before each test's name. */
  readonly name: string;
  open(): Promise<StreamPair>;
  /** False where an abort cannot be told from a close (Unix sockets). */
  readonly resets: boolean;
  /** False where one side's end is the end of both, as with WebSocket. Default true. */
  readonly halfCloses?: boolean;
  /** The most that may lie between a writer and a reader that is paused, kernel buffers included; 64 MiB. */
  readonly heldBytesMax?: number;
}

const mebibyte = 1_048_576;

/** Registers the contract of `ByteStream` with `test`. */
export function streamContract(test: RegisterTest, options: StreamContractOptions): void {
  const { name, open, resets, halfCloses = true, heldBytesMax = 64 * mebibyte } = options;

  /** A test between two drivers, which are released and checked whatever happens. */
  const story = (
    title: string,
    body: (dialer: StreamDriver, accepted: StreamDriver) => Promise<void>,
  ): void => {
    test(`${name}: ${title}`, async () => {
      const pair = await open();
      const [dialer, accepted] = [new StreamDriver(pair.dialer), new StreamDriver(pair.accepted)];
      try {
        await body(dialer, accepted);
      } finally {
        await Promise.all([dialer.release(), accepted.release()]);
        await pair.close();
      }
      dialer.check();
      accepted.check();
    });
  };

  story("bytes arrive in order, both ways", async (dialer, accepted) => {
    dialer.start();
    accepted.start();
    for (const text of ["one", "two", "three"]) await dialer.write(bytesOf(text));
    for (const text of ["vier", "fünf"]) await accepted.write(bytesOf(text));
    assert.deepEqual(await accepted.received(11), bytesOf("onetwothree"));
    assert.deepEqual(await dialer.received(9), bytesOf("vierfünf"));
  });

  story("both ends have an id of their own and agree on their endpoints", async (dialer, accepted) => {
    assert.notEqual(dialer.stream.id, accepted.stream.id);
    assert.equal(dialer.stream.remote, accepted.stream.local);
    for (const { stream } of [dialer, accepted]) {
      for (const endpoint of [stream.local, stream.remote]) {
        // The dialling end of a Unix socket has no name.
        if (endpoint !== "unix:") parseEndpoint(endpoint);
      }
    }
  });

  story("nothing is delivered, and nothing lost, before start", async (dialer, accepted) => {
    dialer.start();
    const writing = dialer.write(bytesOf("early"));
    await turns(5);
    assert.equal(accepted.told.chunk, 0);
    accepted.start();
    await writing;
    dialer.end();
    await accepted.ended();
    assert.deepEqual(accepted.takeAll(), bytesOf("early"));
  });

  story("8 MiB cross each way at once, one write at a time", async (dialer, accepted) => {
    dialer.start();
    accepted.start();
    const there = transfer(dialer, accepted, 8 * mebibyte, 1);
    const back = transfer(accepted, dialer, 8 * mebibyte, 2);
    for (const { sent, received } of await Promise.all([there, back])) assert.equal(received, sent);
  });

  story("one chunk larger than any buffer arrives whole", async (dialer, accepted) => {
    dialer.start();
    accepted.start();
    const chunk = patterned(16 * mebibyte, 3);
    await dialer.write(chunk);
    assert.equal(hashOf(await accepted.received(chunk.length)), hashOf(chunk));
  });

  story("a paused reader stops the writer, and nothing is lost when it goes on", async (dialer, accepted) => {
    dialer.start();
    accepted.start();
    accepted.pause();
    const chunk = patterned(65_536, 4);
    const digest = createHash("sha256");
    let bytesWritten = 0;
    let enough = false;
    const writing = (async () => {
      while (!enough && bytesWritten < heldBytesMax + mebibyte) {
        digest.update(chunk);
        await dialer.write(chunk);
        bytesWritten += chunk.length;
      }
    })();
    await standstill(() => bytesWritten);
    assert.ok(bytesWritten <= heldBytesMax, `${bytesWritten} bytes were taken for a reader that is paused`);
    assert.equal(accepted.bytesReceived, 0);
    enough = true;
    accepted.resume();
    await writing;
    dialer.end();
    await accepted.ended();
    assert.equal(accepted.bytesReceived, bytesWritten);
    assert.equal(hashOf(accepted.takeAll()), digest.digest("hex"));
  });

  story("pausing and resuming at each chunk loses and doubles nothing", async (dialer, accepted) => {
    dialer.start();
    accepted.start();
    accepted.inside.chunk = () => {
      accepted.pause();
      setImmediate(() => accepted.resume());
    };
    const { sent, received } = await transfer(dialer, accepted, 2 * mebibyte, 5);
    assert.equal(received, sent);
  });

  for (const side of ["dialling", "accepting"] as const) {
    const does = halfCloses ? "half-closes, and still reads what the other writes" : "ends both directions";
    story(`the ${side} end ${does}`, async (dialer, accepted) => {
      const [ending, other] = side === "dialling" ? [dialer, accepted] : [accepted, dialer];
      ending.start();
      other.start();
      await ending.write(bytesOf("last words"));
      ending.end();
      await other.ended();
      assert.deepEqual(other.takeAll(), bytesOf("last words"));
      if (halfCloses) {
        await other.write(bytesOf("still here"));
        assert.deepEqual(await ending.received(10), bytesOf("still here"));
        assert.equal(ending.told.end, 0);
        other.end();
      }
      await Promise.all([ending.closed(), other.closed()]);
      assert.deepEqual([ending.told.end, ending.error, other.error], [1, undefined, undefined]);
    });
  }

  story("end sends the write under way first", async (dialer, accepted) => {
    dialer.start();
    const chunk = patterned(16 * mebibyte, 6);
    const writing = dialer.write(chunk);
    dialer.end();
    accepted.start();
    await Promise.all([writing, accepted.ended()]);
    assert.equal(hashOf(accepted.takeAll()), hashOf(chunk));
  });

  story("a release after the end is no reset", async (dialer, accepted) => {
    dialer.start();
    accepted.start();
    await dialer.write(bytesOf("last words"));
    dialer.end();
    dialer.letGo();
    await dialer.closed();
    assert.equal(dialer.error, undefined, "who releases is not told of an error");
    assert.deepEqual(await accepted.received(10), bytesOf("last words"));
    await accepted.ended();
    accepted.end();
    await accepted.closed();
    assert.equal(accepted.error, undefined);
  });

  story("an abort reaches the peer, as a reset where there are resets", async (dialer, accepted) => {
    dialer.start();
    accepted.start();
    await dialer.write(bytesOf("hello"));
    await accepted.received(5);
    dialer.abort();
    await Promise.all([dialer.closed(), accepted.ended()]);
    assert.equal(dialer.error, undefined, "who aborts is not told of an error");
    if (!resets) accepted.end();
    await accepted.closed();
    if (resets) assert.equal(accepted.error?.code, "ERR_CONNECTION_RESET");
  });

  story("a write under way is given up when the peer aborts", async (dialer, accepted) => {
    dialer.start();
    const writing = dialer.write(patterned(16 * mebibyte, 7));
    accepted.abort();
    await writing;
    await dialer.closed();
    assert.equal(dialer.error?.code, "ERR_CONNECTION_RESET");
    assert.equal(dialer.told.written, 0);
  });

  story("an abort gives up the write under way", async (dialer, accepted) => {
    dialer.start();
    const writing = dialer.write(patterned(16 * mebibyte, 8));
    dialer.abort();
    await writing;
    assert.deepEqual([dialer.told.written, dialer.told.closed, dialer.error], [0, 1, undefined]);
    assert.equal(accepted.told.chunk, 0);
  });

  story("an abort in the same turn as the end releases it all the same", async (dialer, accepted) => {
    dialer.start();
    accepted.start();
    dialer.end();
    dialer.abort();
    await dialer.closed();
    assert.equal(dialer.error, undefined);
    accepted.abort();
    await accepted.closed();
  });

  story("an abort from inside onChunk is the end of chunks", async (dialer, accepted) => {
    dialer.start();
    accepted.inside.chunk = () => accepted.abort();
    accepted.start();
    const writing = dialer.write(patterned(16 * mebibyte, 9));
    await Promise.all([accepted.closed(), dialer.closed(), writing]);
    assert.deepEqual([accepted.told.chunk, accepted.error], [1, undefined]);
  });

  story("an abort from inside onWritten is safe", async (dialer, accepted) => {
    dialer.inside.written = () => dialer.abort();
    dialer.start();
    accepted.start();
    await dialer.write(patterned(16 * mebibyte, 10));
    await dialer.closed();
    assert.deepEqual([dialer.told.written, dialer.told.closed, dialer.error], [1, 1, undefined]);
  });

  story("an abort from inside onEnd is safe", async (dialer, accepted) => {
    accepted.inside.end = () => accepted.abort();
    dialer.start();
    accepted.start();
    dialer.end();
    await accepted.closed();
    assert.deepEqual([accepted.told.end, accepted.told.closed, accepted.error], [1, 1, undefined]);
  });

  story("a write from inside onChunk is answered in order", async (dialer, accepted) => {
    const answers = ["a", "b", "c"];
    let answering = Promise.resolve();
    accepted.inside.chunk = () => {
      const answer = bytesOf(answers.shift() ?? "?");
      answering = answering.then(() => accepted.write(answer));
    };
    dialer.start();
    accepted.start();
    for (let asked = 1; asked <= 3; asked += 1) {
      await dialer.write(bytesOf("next"));
      await dialer.until(() => dialer.bytesReceived === asked);
    }
    assert.deepEqual(dialer.takeAll(), bytesOf("abc"));
  });
}

interface Transferred {
  readonly sent: string;
  readonly received: string;
}

/** Sends `total` bytes in pieces of many sizes, and tells the hashes of both ends. */
async function transfer(
  from: StreamDriver,
  to: StreamDriver,
  total: number,
  seed: number,
): Promise<Transferred> {
  const all = patterned(total, seed);
  for (let start = 0, size = 1; start < total; start += size) {
    size = Math.min(total - start, (size * 7 + 13) % 200_003);
    await from.write(all.subarray(start, start + size));
  }
  return { sent: hashOf(all), received: hashOf(await to.received(total)) };
}

/** Waits until `progress` has not moved for many turns of the event loop. Too early is harmless: it moves on later. */
async function standstill(progress: () => number): Promise<void> {
  for (let last = -1; last !== progress(); await turns(200)) last = progress();
}

/** Bytes that differ from place to place, so that none can be swapped unnoticed. */
function patterned(size: number, seed: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(size / 4));
  for (let index = 0; index < words.length; index += 1) {
    words[index] = Math.imul(index + seed * 7_919, 2_654_435_761);
  }
  return new Uint8Array(words.buffer, 0, size);
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
