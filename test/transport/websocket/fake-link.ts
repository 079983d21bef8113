// A message link that a test holds both ends of: what is sent is written down, and what comes the test says.

import type { SocketError } from "../../../src/core/errors.js";
import type { ByteStreamSink } from "../../../src/transport/byte-stream.js";
import type { MessageLink, MessageLinkSink } from "../../../src/transport/message-link.js";

export class FakeLink implements MessageLink {
  readonly id = 7;
  readonly local = "ws://127.0.0.1:1";
  readonly remote = "ws://127.0.0.1:2";
  /** `text:abc`, `binary:abc`, with `…` behind a part that is not the last; and what else was done to it. */
  readonly log: string[] = [];
  /** How many sends there is room for, the last of which says false. */
  room = Number.POSITIVE_INFINITY;
  /** What `uncork` says. */
  isFlushed = true;
  sink: MessageLinkSink | undefined;

  start(sink: MessageLinkSink): void {
    this.sink = sink;
  }

  send(payload: Uint8Array, isText: boolean, isLast: boolean): boolean {
    const text = new TextDecoder("latin1").decode(payload);
    this.log.push(`${isText ? "text" : "binary"}:${text}${isLast ? "" : "…"}`);
    this.room -= 1;
    return this.room > 0;
  }

  cork(): void {}

  uncork(): boolean {
    return this.isFlushed;
  }

  pause(): void {
    this.log.push("pause");
  }

  resume(): void {
    this.log.push("resume");
  }

  close(code: number, reason: string): void {
    this.log.push(`close ${code} ${reason}`.trim());
  }

  abort(): void {
    this.log.push("abort");
  }
}

/** A reader that writes down what it is told. */
export class Notes implements ByteStreamSink {
  readonly log: string[] = [];

  onChunk(view: Uint8Array): void {
    this.log.push(Buffer.from(view).toString("latin1"));
  }

  onEnd(): void {
    this.log.push("end");
  }

  onWritten(): void {
    this.log.push("written");
  }

  onClosed(error?: SocketError, words?: string): void {
    this.log.push(`closed ${error?.message ?? words ?? "in order"}`);
  }
}
