// A WebSocket as a byte stream: what both views of it share (link-bytes.ts, link-records.ts).
// Invariant: a write is sent message by message, as far as there is room; and the end of either side is the end of both,
// since a WebSocket has no half-close.

import type { SocketError } from "../../core/errors.js";
import type { ByteStream, ByteStreamSink } from "../byte-stream.js";
import type { MessageLink, MessageLinkSink } from "../message-link.js";
import type { TlsState } from "../tls/state.js";
import { closeCodeOf, closeError, closeWords } from "./close-codes.js";
import type { UpgradeRequest } from "./request.js";

export abstract class LinkStream implements ByteStream, MessageLinkSink {
  protected readonly link: MessageLink;
  protected sink: ByteStreamSink | undefined;
  /** What is left of the write under way; empty if only its end is waited for. */
  #rest: Uint8Array | undefined;
  #endsAfterWrite = false;
  /** Set once our Close frame is on its way. */
  #closeCode: number | undefined;
  /** Why we closed, if that was for what the peer sent. */
  #refusal: SocketError | undefined;
  /** Nothing is delivered any more. */
  #isMuted = false;

  constructor(link: MessageLink) {
    this.link = link;
  }

  /** Takes the next message, or a part of one, from the front of `bytes`, and tells how long that was. */
  protected abstract cut(bytes: Uint8Array): Cut;

  protected abstract deliver(view: Uint8Array, isText: boolean): void;

  get id(): number {
    return this.link.id;
  }

  get local(): string {
    return this.link.local;
  }

  get remote(): string {
    return this.link.remote;
  }

  get tls(): TlsState | undefined {
    return this.link.tls;
  }

  get request(): UpgradeRequest | undefined {
    return this.link.request;
  }

  start(sink: ByteStreamSink): void {
    this.sink = sink;
    this.link.start(this);
  }

  write(chunk: Uint8Array): boolean {
    return this.#send(chunk);
  }

  pause(): void {
    this.link.pause();
  }

  resume(): void {
    this.link.resume();
  }

  end(): void {
    if (this.#rest === undefined) this.#close(1000, "");
    else this.#endsAfterWrite = true;
  }

  release(): void {
    this.#isMuted = true;
    this.link.abort();
  }

  abort(refusal?: SocketError): void {
    this.#isMuted = true;
    if (refusal === undefined || this.#closeCode !== undefined) this.link.abort();
    else this.#close(closeCodeOf(refusal), refusal.reason);
  }

  onMessage(view: Uint8Array, isText: boolean): void {
    if (!this.#isMuted) this.deliver(view, isText);
  }

  onWritten(): void {
    if (this.#rest !== undefined && !this.#send(this.#rest)) return;
    if (this.#endsAfterWrite) this.#close(1000, "");
    if (!this.#isMuted) this.sink?.onWritten();
  }

  onClosed(error: SocketError | undefined, code: number | undefined, reason: string): void {
    const sink = this.sink;
    this.sink = undefined;
    if (this.#isMuted) sink?.onClosed(this.#refusal);
    else if (error !== undefined || code === undefined) sink?.onClosed(error);
    else {
      const failure = closeError(code, reason, { endpoint: this.remote });
      if (failure === undefined) sink?.onEnd();
      sink?.onClosed(failure, failure === undefined ? closeWords(code, reason) : undefined);
    }
  }

  /** The peer has sent what it must not: it is told with `code`, and nothing more of it is delivered. */
  protected refuse(code: number, refusal: SocketError): void {
    this.#isMuted = true;
    this.#refusal = refusal;
    this.#close(code, refusal.reason);
  }

  #close(code: number, reason: string): void {
    if (this.#closeCode !== undefined) return;
    this.#closeCode = code;
    this.link.close(code, reason);
  }

  /** As much as there is room for; true if that is all, and its memory is the caller's again. */
  #send(chunk: Uint8Array): boolean {
    const { link } = this;
    let rest = chunk;
    let hasRoom = true;
    link.cork?.();
    while (hasRoom && rest.length > 0) {
      const part = this.cut(rest);
      rest = rest.subarray(part.end);
      if (part.payload !== undefined) hasRoom = link.send(part.payload, part.isText, part.isLast);
    }
    if (link.uncork?.() === false) hasRoom = false;
    const isDone = hasRoom && rest.length === 0;
    this.#rest = isDone ? undefined : rest;
    return isDone;
  }
}

/** The front of what is written: one object per view, used again. */
export interface Cut {
  /** How many bytes it is, with what is not sent of it. */
  end: number;
  /** What is to be sent, if anything. */
  payload: Uint8Array | undefined;
  isText: boolean;
  isLast: boolean;
}
