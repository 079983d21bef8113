// Reading every socket of the process into one buffer, and taking accepted sockets over so that they do too.
// Invariant: each read's callback runs to its end before the next read begins, so one buffer serves all.

import net from "node:net";

import { limits } from "../core/limits.js";

/** Allocated at the first socket, not at import. */
let sharedBuffer: Uint8Array | undefined;

/** Where a socket that reads at most `readBytesMax` at once reads to: the shared buffer, or its front. */
export function readBuffer(readBytesMax: number): Uint8Array {
  if (readBytesMax > limits.readBytesMax) return new Uint8Array(readBytesMax);
  sharedBuffer ??= new Uint8Array(limits.readBytesMax);
  return readBytesMax === sharedBuffer.length ? sharedBuffer : sharedBuffer.subarray(0, readBytesMax);
}

/** Called with the socket as `this`, so that no closure is needed per socket. */
export type ReadCallback = (this: net.Socket, byteCount: number, buffer: Uint8Array) => boolean;

/** What Node's sockets hold inside; the one place in Holdfast that looks. */
interface SocketInside {
  _handle?: {
    readonly fd?: number;
    useUserBuffer?: unknown;
    reading?: boolean;
    readStop?(): unknown;
  } | null;
}

interface SocketOptionsInside extends net.SocketConstructorOpts {
  handle: unknown;
  manualStart: boolean;
}

/**
 * The same accepted connection as a socket that reads into `buffer`. Node offers that for sockets that connect
 * (`onread`), but not for accepted ones; there the handle is moved to a new socket.
 * @param accepted A socket that does not read: not yet (`pauseOnConnect`), or no more (`stopReading`).
 * @returns undefined where it holds bytes that were read already, or this Node has no such handle: the caller reads
 * `accepted` by its events then.
 */
export function adopt(
  accepted: net.Socket,
  buffer: Uint8Array,
  callback: ReadCallback,
): net.Socket | undefined {
  const inside = accepted as SocketInside;
  const handle = inside._handle;
  if (typeof handle?.useUserBuffer !== "function" || accepted.readableLength > 0) return undefined;
  inside._handle = null;
  const options: SocketOptionsInside = {
    handle,
    manualStart: true,
    allowHalfOpen: true,
    writableHighWaterMark: 1,
    onread: { buffer, callback: callback as (byteCount: number, buffer: Uint8Array) => boolean },
  } as SocketOptionsInside;
  const socket = new net.Socket(options);
  // Without a handle this closes nothing; it only lets the server stop counting the shell.
  accepted.destroy();
  return socket;
}

/**
 * Pauses a socket that its next owner takes within this turn: Node's own `pause` lets one more read happen, and an end that
 * comes with it would be told to nobody.
 */
export function stopReading(socket: net.Socket): void {
  socket.pause();
  const handle = (socket as SocketInside)._handle;
  if (typeof handle?.readStop !== "function") return;
  handle.reading = false;
  handle.readStop();
}

/** The number of the socket's descriptor; undefined where the platform has none. */
export function descriptorOf(socket: net.Socket): number | undefined {
  const fd = (socket as SocketInside)._handle?.fd;
  return fd === undefined || fd < 0 ? undefined : fd;
}
