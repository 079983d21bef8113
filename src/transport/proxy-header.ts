// PROXY headers on Node's sockets: read before anything else is, and written before anything else is.
// Invariant: what follows a header is unread, and its socket reads nothing until somebody else takes it; a header that
// does not come whole within its time is none.

import type net from "node:net";

import { addressBytes, addressText } from "../core/address.js";
import type { Clock } from "../core/clock.js";
import { hostOf } from "../core/endpoint.js";
import { SocketError, UsageError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import type { ProxyAddress, ProxyHeader, ProxyRoute } from "../protocol/proxy/header.js";
import { type ProxyVersion, readProxyHeader, writeProxyHeader } from "../protocol/proxy/versions.js";
import { stopReading } from "./shared-read.js";

/**
 * A PROXY header to send before anything else: of version 1 or 2 with this connection's own addresses, or with those of
 * the connection that is forwarded.
 */
export type ProxyHeaderOption =
  | ProxyVersion
  | {
      readonly version: ProxyVersion;
      /** Who connected, as connections name it: `connection.remote`. Those without an address are said to be unknown. */
      readonly source: string;
      /** Where to: `connection.local`. Default: the address that is dialled. */
      readonly destination?: string | undefined;
    };

/** Called once: with the header, or with why there is none, `""` if the peer has gone without a word. */
export type OnProxyHeader = (header: ProxyHeader | undefined, reason: string) => void;

/**
 * Reads the header that an accepted socket begins with.
 * @param socket Paused, and nothing read from it yet; it is so again when `onHeader` is called.
 * @returns What gives up the wait; `onHeader` is not called then.
 */
export function awaitProxyHeader(socket: net.Socket, clock: Clock, onHeader: OnProxyHeader): () => void {
  const { handshakeMs } = limits;
  let bytes = new Uint8Array(0);
  const settle = () => {
    clock.clearTimer(timer);
    socket.off("data", read).off("end", gone).off("error", gone).off("close", gone);
  };
  const finish: OnProxyHeader = (header, reason) => {
    settle();
    onHeader(header, reason);
  };
  const read = (chunk: Uint8Array) => {
    const joined = new Uint8Array(bytes.length + chunk.length);
    joined.set(bytes);
    joined.set(chunk, bytes.length);
    bytes = joined;
    try {
      const header = readProxyHeader(bytes);
      if (header === undefined) return;
      stopReading(socket);
      const rest = bytes.subarray(header.headerBytes);
      if (rest.length > 0) socket.unshift(rest);
      finish(header, "");
    } catch (error) {
      finish(undefined, error instanceof SocketError ? error.reason : String(error));
    }
  };
  const gone = () =>
    finish(undefined, bytes.length === 0 ? "" : "no PROXY header: the connection ended inside it");
  const timer = clock.setTimer(
    () => finish(undefined, `no PROXY header within ${handshakeMs} ms`),
    handshakeMs,
  );
  socket.on("data", read).on("end", gone).on("error", gone).on("close", gone).resume();
  return settle;
}

/** @throws UsageError for an option that says nothing that can be written. */
export function checkProxyHeader(option: ProxyHeaderOption | undefined, endpoint: string): void {
  if (option === undefined) return;
  const context = {
    op: "connect",
    endpoint,
    advice: "write 1, 2 or { version: 2, source: connection.remote }",
  };
  const { version, source, destination } = typeof option === "object" ? option : { version: option };
  if (version !== 1 && version !== 2) {
    throw new UsageError(`proxyHeader has no version ${String(version)}`, context);
  }
  if (typeof option !== "object") return;
  for (const [name, written] of [
    ["source", source],
    ["destination", destination ?? "unix:"],
  ] as const) {
    const isKnown =
      typeof written === "string" && (/^(unix|memory):/.test(written) || addressOf(written) !== undefined);
    if (!isKnown)
      throw new UsageError(
        `proxyHeader.${name} is no endpoint with an IP address: ${String(written)}`,
        context,
      );
  }
}

/** The header for a socket that has just connected. */
export function proxyHeaderFor(option: ProxyHeaderOption, socket: net.Socket): Uint8Array {
  if (typeof option !== "object") return writeProxyHeader(option, ownRoute(socket));
  const source = addressOf(option.source);
  if (source === undefined) return writeProxyHeader(option.version, undefined);
  const destination = addressOf(option.destination ?? "") ?? ownRoute(socket)?.destination ?? nowhere;
  return writeProxyHeader(option.version, { source, destination });
}

/** Where nobody can say: as a socket that is bound to nothing. */
const nowhere: ProxyAddress = { host: "0.0.0.0", port: 0 };

function ownRoute({
  localAddress,
  localPort,
  remoteAddress,
  remotePort,
}: net.Socket): ProxyRoute | undefined {
  const source = addressFrom(localAddress, localPort);
  const destination = addressFrom(remoteAddress, remotePort);
  return source === undefined || destination === undefined ? undefined : { source, destination };
}

function addressOf(remote: string): ProxyAddress | undefined {
  return addressFrom(hostOf(remote), Number(remote.slice(remote.lastIndexOf(":") + 1)));
}

function addressFrom(host = "", port = 0): ProxyAddress | undefined {
  const bytes = addressBytes(host);
  return bytes === undefined || port > 0xffff ? undefined : { host: addressText(bytes), port };
}
