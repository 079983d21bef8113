// The machine: how many descriptors and ports are left for connections.

import { readdirSync, readFileSync } from "node:fs";

import { descriptorLimit } from "../../diagnosis.js";
import type { Finding } from "./finding.js";

/** Where the kernel tells (proc(5)); a test has a folder of its own. */
export async function checkMachine(proc: string): Promise<readonly Finding[]> {
  return [descriptors(proc), ports(proc)];
}

/** A server keeps 64 to itself; with less than that again, it is no server. */
const fewDescriptors = 256;

function descriptors(proc: string): Finding {
  const most = descriptorLimit();
  const open = told(() => readdirSync(`${proc}/self/fd`).length);
  if (!Number.isFinite(most) || open === undefined) return untold("descriptors");
  const says = `this process may open ${most} descriptors, and so many connections; ${open} are open`;
  if (most - open >= fewDescriptors) return { status: "ok", layer: "system", says };
  return {
    status: "warning",
    layer: "system",
    says,
    advice: "raise the limit: ulimit -n, or LimitNOFILE= of a unit",
  };
}

/** Each connection that this machine dials to one address takes a port of the range, and for a minute after its end. */
function ports(proc: string): Finding {
  const range = told(() => readFileSync(`${proc}/sys/net/ipv4/ip_local_port_range`, "latin1"));
  const [first = Number.NaN, last = Number.NaN] = range?.trim().split(/\s+/).map(Number) ?? [];
  const used = told(() =>
    portsIn(["tcp", "tcp6"].map((table) => readFileSync(`${proc}/net/${table}`, "latin1"))),
  );
  if (Number.isNaN(last) || used === undefined) return untold("ports to dial from");
  const all = last - first + 1;
  const taken = [...used].filter((port) => port >= first && port <= last).length;
  const says = `${taken} of ${all} ports to dial from are in use`;
  if (taken < all * 0.8) return { status: "ok", layer: "system", says };
  const advice =
    "keep connections instead of opening one for each request, or widen net.ipv4.ip_local_port_range";
  return { status: "warning", layer: "system", says, advice };
}

/** The local ports of all sockets; the second column is an address and a port, in hex. */
function portsIn(tables: readonly string[]): Set<number> {
  const found = tables.flatMap((table) => [...table.matchAll(/^\s*\d+: [\dA-F]+:([\dA-F]{4}) /gm)]);
  return new Set(found.map(([, port = ""]) => Number.parseInt(port, 16)));
}

function told<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function untold(what: string): Finding {
  return { status: "skipped", layer: "system", says: `${what}: this system does not tell` };
}
