// What the kernel itself says of TCP sockets, where it tells: Linux, in /proc/net/tcp and tcp6 (proc(5)).

import { readFile } from "node:fs/promises";

export interface KernelSocket {
  readonly localPort: number;
  /** 0 for one that listens. */
  readonly remotePort: number;
  /** As RFC 9293 names it, with the kernel's spelling: `ESTABLISHED`, `FIN_WAIT2`, … */
  readonly state: string;
  /** Bytes that nobody has read; of a socket that listens, connections that nobody has accepted. */
  readonly queued: number;
}

/** By their numbers (include/net/tcp_states.h). */
const states = [
  "",
  "ESTABLISHED",
  "SYN_SENT",
  "SYN_RECV",
  "FIN_WAIT1",
  "FIN_WAIT2",
  "TIME_WAIT",
  "CLOSE",
  "CLOSE_WAIT",
  "LAST_ACK",
  "LISTEN",
  "CLOSING",
  "NEW_SYN_RECV",
] as const;

/** Every socket with `port` at either end; undefined where this system does not tell. */
export async function kernelSockets(port: number): Promise<KernelSocket[] | undefined> {
  const tables = await Promise.all(["/proc/net/tcp", "/proc/net/tcp6"].map(read));
  if (tables.every((table) => table === undefined)) return undefined;
  const rows = tables.flatMap((table) => table?.split("\n").slice(1) ?? []);
  return rows
    .map(parse)
    .filter((socket) => socket?.localPort === port || socket?.remotePort === port) as KernelSocket[];
}

/** `  0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 …`, all in hex. */
export function parse(row: string): KernelSocket | undefined {
  const [, local, remote, state, , queued] =
    /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:([0-9A-F]{4}) ([0-9A-F]{2}) ([0-9A-F]{8}):([0-9A-F]{8})/.exec(
      row,
    ) ?? [];
  if (local === undefined || remote === undefined || state === undefined || queued === undefined)
    return undefined;
  return {
    localPort: Number.parseInt(local, 16),
    remotePort: Number.parseInt(remote, 16),
    state: states[Number.parseInt(state, 16)] ?? state,
    queued: Number.parseInt(queued, 16),
  };
}

function read(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(() => undefined);
}
