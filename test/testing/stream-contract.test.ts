import assert from "node:assert/strict";
import { test } from "node:test";
import { type StreamPair, streamContract } from "../../src/testing/stream-contract.js";
import type { ByteStream, ByteStreamSink } from "../../src/transport/byte-stream.js";
import { memoryPair } from "../../src/transport/memory.js";

const open = async (): Promise<StreamPair> => ({ ...memoryPair(), close: async () => {} });

streamContract(test, { name: "a pair in memory", open, resets: true, heldBytesMax: 0 });

/** `stream` with some of its doings replaced, and those of its sink. */
function bend(
  stream: ByteStream,
  bentSink: (sink: ByteStreamSink) => Partial<ByteStreamSink>,
  bent: Partial<ByteStream> = {},
): ByteStream {
  return {
    id: stream.id,
    local: stream.local,
    remote: stream.remote,
    start(sink) {
      stream.start({
        onChunk: (view) => sink.onChunk(view),
        onEnd: () => sink.onEnd(),
        onWritten: () => sink.onWritten(),
        onClosed: (error) => sink.onClosed(error),
        ...bentSink(sink),
      });
    },
    write: (chunk) => stream.write(chunk),
    pause: () => stream.pause(),
    resume: () => stream.resume(),
    end: () => stream.end(),
    abort: () => stream.abort(),
    ...bent,
  };
}

/** Takes every write at once, however little the peer reads. */
function unbounded(stream: ByteStream): ByteStream {
  const queue: Uint8Array[] = [];
  let writing = false;
  const next = () => {
    const chunk = queue.shift();
    writing = chunk !== undefined;
    if (chunk !== undefined) stream.write(chunk);
  };
  const write = (chunk: Uint8Array) => {
    queue.push(chunk.slice());
    if (!writing) next();
    return true;
  };
  return bend(stream, () => ({ onWritten: next }), { write });
}

const mutants: { readonly [what: string]: (stream: ByteStream) => ByteStream } = {
  "delivers each chunk twice": (stream) =>
    bend(stream, (sink) => ({
      onChunk(view) {
        sink.onChunk(view);
        sink.onChunk(view);
      },
    })),
  "spoils a byte": (stream) =>
    bend(stream, (sink) => ({
      onChunk: (view) => sink.onChunk(view.map((byte, index) => (index === 100_000 ? byte + 1 : byte))),
    })),
  "hands out memory that is the writer's again": (stream) =>
    bend(stream, () => ({}), { write: (chunk) => stream.write(chunk) || true }),
  "holds writes without bound": unbounded,
  "tells its close twice": (stream) =>
    bend(stream, (sink) => ({
      onClosed(error) {
        sink.onClosed(error);
        setImmediate(() => sink.onClosed(error));
      },
    })),
  "hides a reset": (stream) => bend(stream, (sink) => ({ onClosed: () => sink.onClosed() })),
  "tells of a write after the abort": (stream) =>
    bend(stream, (sink) => ({
      onClosed(error) {
        sink.onWritten();
        sink.onClosed(error);
      },
    })),
  "calls back from inside abort": (stream) => {
    let told: ByteStreamSink | undefined;
    const start = (sink: ByteStreamSink) => {
      told = sink;
      stream.start(sink);
    };
    const abort = () => {
      told?.onWritten();
      stream.abort();
    };
    return bend(stream, () => ({}), { start, abort });
  },
  "does not pause": (stream) => bend(stream, () => ({}), { pause() {} }),
};

for (const [what, mutate] of Object.entries(mutants)) {
  test(`the contract finds out a stream that ${what}`, async () => {
    const stories: [string, () => Promise<void>][] = [];
    const bent = async () => {
      const { dialer, accepted, close } = await open();
      return { dialer: mutate(dialer), accepted: mutate(accepted), close };
    };
    streamContract((name, body) => stories.push([name, async () => body()]), {
      name: what,
      open: bent,
      resets: true,
      heldBytesMax: 1_048_576,
    });
    for (const [, body] of stories) {
      const found = await body().then(
        () => false,
        (error) => error instanceof assert.AssertionError,
      );
      if (found) return;
    }
    assert.fail("no story failed");
  });
}
