import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { SocketError } from "../../../src/core/errors.js";
import { type BrowserSocket, BrowserStream } from "../../../src/transport/websocket/browser-stream.js";
import { turns } from "../../support/connected.js";
import { ManualClock } from "../../support/manual-clock.js";

/** A browser's end, which a test holds in its hand. */
class Held implements BrowserSocket {
  binaryType = "arraybuffer";
  bufferedAmount = 0;
  onopen: unknown = null;
  onmessage: unknown = null;
  onclose: unknown = null;
  readonly sent: number[][] = [];
  readonly closed: (number | undefined)[] = [];

  send(data: Uint8Array): void {
    this.sent.push([...data]);
  }

  close(code?: number): void {
    this.closed.push(code);
  }

  message(data: unknown): void {
    (this.onmessage as ((event: { data: unknown }) => void) | null)?.({ data });
  }

  end(code: number, reason = "", wasClean = true): void {
    const event = { code, reason, wasClean };
    (this.onclose as ((told: typeof event) => void) | null)?.(event);
  }
}

function scene() {
  const [socket, clock] = [new Held(), new ManualClock()];
  const stream = new BrowserStream(socket, clock, "ws://peer:1/");
  const told: string[] = [];
  let error: SocketError | undefined;
  stream.start({
    onChunk: (view) => void told.push(`chunk ${[...view]}`),
    onEnd: () => void told.push("end"),
    onWritten: () => void told.push("written"),
    onClosed: (why) => {
      error = why;
      told.push("closed");
    },
  });
  return { socket, clock, stream, told, error: () => error };
}

suite("bytes", () => {
  test("are the binary messages, one behind the other; each write is one", () => {
    const { socket, stream, told } = scene();
    assert.equal(stream.write(Uint8Array.of(1, 2)), true);
    socket.message(Uint8Array.of(3).buffer);
    socket.message(new ArrayBuffer(0));
    socket.message(Uint8Array.of(4, 5).buffer);
    assert.deepEqual(socket.sent, [[1, 2]]);
    assert.deepEqual(told, ["chunk 3", "chunk 4,5"]);
    assert.deepEqual([stream.local, stream.remote], ["", "ws://peer:1/"]);
  });

  test("that the browser still holds make the next write wait until it is asked", () => {
    const { socket, clock, stream, told } = scene();
    socket.bufferedAmount = 100_000;
    assert.equal(stream.write(Uint8Array.of(1)), false);
    clock.advance(1_000);
    assert.deepEqual(told, []);
    socket.bufferedAmount = 0;
    clock.advance(100);
    assert.deepEqual(told, ["written"]);
    assert.equal(clock.pending, 0);
  });

  test("that come say so at once, however seldom the page's timers run", () => {
    const { socket, clock, stream, told } = scene();
    socket.bufferedAmount = 100_000;
    stream.write(Uint8Array.of(1));
    socket.bufferedAmount = 0;
    socket.message(Uint8Array.of(2).buffer);
    assert.deepEqual(told, ["written", "chunk 2"]);
    assert.equal(clock.pending, 0);
  });

  test("cannot be stopped in a browser: a pause changes nothing", () => {
    const { socket, stream, told } = scene();
    stream.pause();
    socket.message(Uint8Array.of(1).buffer);
    stream.resume();
    assert.deepEqual(told, ["chunk 1"]);
  });

  test("are not text, which ends it and blames the peer", () => {
    const { socket, told, error } = scene();
    socket.message("hello");
    assert.deepEqual([told, error()?.code], [["closed"], "ERR_INVALID_BYTES"]);
    assert.equal(socket.closed.length, 1);
    socket.message(Uint8Array.of(1).buffer);
    assert.deepEqual(told, ["closed"]);
  });
});

suite("the end", () => {
  for (const code of [1000, 1001, 1005]) {
    test(`with ${code} is in order`, () => {
      const { socket, told, error } = scene();
      socket.end(code);
      assert.deepEqual([told, error()], [["end", "closed"], undefined]);
    });
  }

  test("without a Close frame is a link that broke", () => {
    const { socket, told, error } = scene();
    socket.end(1006, "", false);
    assert.deepEqual(told, ["closed"]);
    assert.equal(error()?.message, "ws://peer:1/: the WebSocket broke");
  });

  test("with another code says it, in characters that are harmless to show", () => {
    const { socket, error } = scene();
    socket.end(1011, "a\u202emistake\n");
    assert.equal(error()?.code, "ERR_CONNECTION_LOST");
    assert.equal(error()?.reason, "the server closed the WebSocket (1011: a mistake )");
  });

  test("of ours is a Close frame, behind which the peer's is waited for", () => {
    const { socket, stream, told } = scene();
    stream.end();
    assert.deepEqual(socket.closed, [1000]);
    socket.end(1000);
    assert.deepEqual(told, ["end", "closed"]);
  });

  for (const way of ["abort", "release"] as const) {
    test(`by ${way} is told a turn later, without an error, and once`, async () => {
      const { socket, clock, stream, told, error } = scene();
      socket.bufferedAmount = 100_000;
      stream.write(Uint8Array.of(1));
      stream[way]();
      stream[way]();
      assert.deepEqual(told, []);
      socket.message(Uint8Array.of(1).buffer);
      socket.end(1006);
      await turns();
      assert.deepEqual([told, error(), clock.pending], [["closed"], undefined, 0]);
    });
  }
});
