// Dialling from a page, over the one thing that browsers have: WebSocket.
// Invariant: an attempt comes to a stream, or to an error that says what a page can know, and leaves nothing open.

import { withDeadline } from "../../core/deadline.js";
import { DisconnectedError, TimeoutError, UsageError } from "../../core/errors.js";
import { type LifecycleEvent, nextSocketId, tell } from "../../core/lifecycle.js";
import type { ByteStream } from "../byte-stream.js";
import type { DialOptions } from "../transport.js";
import { type BrowserSocket, BrowserStream } from "./browser-stream.js";

type BrowserWebSocket = new (url: string, subprotocols: string[]) => BrowserSocket;

/** The endpoint in its canonical form, as the browser reads it. @throws UsageError for one that is no WebSocket's. */
export function browserUrl(endpoint: string, op: string): string {
  if (!/^wss?:\/\//i.test(endpoint)) {
    const context = { op, endpoint, advice: "use a ws:// or wss:// endpoint" };
    throw new UsageError("browsers have only WebSocket", context, "ERR_ENDPOINT");
  }
  try {
    return new URL(endpoint).href;
  } catch (cause) {
    const context = { op, endpoint, advice: "write wss://host:port/path", cause };
    throw new UsageError("it is no URL", context, "ERR_ENDPOINT");
  }
}

/** A page may not choose these: the browser does. */
function refuseOptions({ tls, family, sourceAddress, webSocket }: DialOptions): void {
  const chosen = { tls, family, sourceAddress, "webSocket.headers": webSocket?.headers };
  for (const [name, value] of Object.entries(chosen)) {
    if (value !== undefined) throw new UsageError(`${name} cannot be set in a browser`, { op: "connect" });
  }
}

/**
 * One attempt to connect; before `timeoutMs` the signal may end it.
 * @throws as `Transport.dial` does; what a browser will not tell is an ERR_UNREACHABLE.
 */
export async function dialFromBrowser(remote: string, options: DialOptions): Promise<ByteStream> {
  refuseOptions(options);
  const { timeoutMs, clock, signal } = options;
  const context = { op: "connect", endpoint: remote };
  return withDeadline((stop) => open(remote, options, stop), {
    clock,
    timeoutMs,
    signal,
    onTimeout: () => new TimeoutError(timeoutMs, `no WebSocket within ${timeoutMs} ms`, context),
    onLate: (stream) => stream.abort(),
  });
}

function open(remote: string, options: DialOptions, stop: AbortSignal): Promise<ByteStream> {
  const { clock, observer, webSocket } = options;
  const id = nextSocketId();
  const told = (event: Pick<LifecycleEvent, "name"> & Partial<LifecycleEvent>) =>
    tell(observer, { ...event, id, kind: "connection", remote });
  return new Promise((resolve, reject) => {
    const socket = socketTo(remote, webSocket?.subprotocols ?? []);
    told({ name: "created" });
    const settle = () => {
      stop.removeEventListener("abort", giveUp);
      socket.onopen = socket.onclose = null;
    };
    const giveUp = () => {
      settle();
      socket.close();
      told({ name: "closed", by: "local", reason: "given up" });
      reject(stop.reason);
    };
    stop.addEventListener("abort", giveUp, { once: true });
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      settle();
      resolve(new BrowserStream(socket, clock, remote, id));
    };
    socket.onclose = () => {
      settle();
      const error = unreachable(remote);
      told({ name: "closed", by: "network", reason: error.reason, error });
      reject(error);
    };
  });
}

/** @throws UsageError where the browser itself says no: clear text from a secure page, a subprotocol that is none. */
function socketTo(remote: string, subprotocols: readonly string[]): BrowserSocket {
  const { WebSocket } = globalThis as unknown as { readonly WebSocket: BrowserWebSocket };
  try {
    return new WebSocket(remote, [...subprotocols]);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(reason, { op: "connect", endpoint: remote, cause });
  }
}

/** Browsers keep the cause from a page, which could otherwise look into networks that it has no business in. */
function unreachable(endpoint: string): DisconnectedError {
  return new DisconnectedError("ERR_UNREACHABLE", "the WebSocket did not open", {
    op: "connect",
    endpoint,
    advice:
      "the browser's console says why: nothing listens, a certificate, or an origin that the server refuses",
  });
}
