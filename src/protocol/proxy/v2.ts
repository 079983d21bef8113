// Version 2 of the PROXY protocol: a block of bytes (proxy-protocol.txt section 2.2).
// Invariant: a length is judged before what it promises is waited for, and nothing is read beyond the header's own.

import { addressBytes, addressText, mapped } from "../../core/address.js";
import { limits } from "../../core/limits.js";
import { crc32c } from "./crc32c.js";
import { noHeader, type ProxyHeader, type ProxyRoute } from "./header.js";

const signature = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a);
/** The signature, version and command, family and protocol, and the length of the rest. */
const fixedBytes = 16;
const local = 0x20;
const proxy = 0x21;

/** By family: the bytes of one address. */
const families = [
  { name: "unspecified", addressBytes: 0 },
  { name: "IPv4", addressBytes: 4 },
  { name: "IPv6", addressBytes: 16 },
  { name: "Unix", addressBytes: 108 },
] as const;
/** By protocol. */
const protocols = ["unspecified", "stream", "datagrams"] as const;
const crc32cType = 0x03;

/** @param bytes They begin with a carriage return. */
export function readV2(bytes: Uint8Array): ProxyHeader | undefined {
  if (!signature.every((byte, index) => index >= bytes.length || bytes[index] === byte)) {
    throw noHeader("its signature is not that of version 2");
  }
  const command = bytes[12];
  if (command !== undefined && command !== local && command !== proxy) {
    throw noHeader(`its version and command are 0x${command.toString(16)}`);
  }
  if (bytes.length < fixedBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const family = families[view.getUint8(13) >> 4];
  const protocol = protocols[view.getUint8(13) & 0xf];
  const headerBytes = fixedBytes + view.getUint16(14);
  if (headerBytes > limits.proxyHeaderBytesMax) {
    throw noHeader(`it has ${headerBytes} bytes, and ${limits.proxyHeaderBytesMax} are taken`);
  }
  const isProxied = command === proxy;
  if (isProxied && (family === undefined || protocol === undefined)) {
    throw noHeader("there is no such family or protocol");
  }
  if (bytes.length < headerBytes) return undefined;
  // Of what speaks for itself, and of families and protocols that no stream has, nothing else is looked at.
  if (!isProxied || family === undefined || family.addressBytes === 0 || protocol !== "stream") {
    return { headerBytes, source: undefined };
  }
  return { headerBytes, source: sourceOf(bytes.subarray(0, headerBytes), view, family) };
}

function sourceOf(
  header: Uint8Array,
  view: DataView,
  family: (typeof families)[number],
): ProxyHeader["source"] {
  const addressEnd = fixedBytes + 2 * family.addressBytes;
  const isUnix = family.name === "Unix";
  const routeEnd = isUnix ? addressEnd : addressEnd + 4;
  if (header.length < routeEnd) throw noHeader(`it is too short for ${family.name} addresses`);
  checkVectors(header, view, routeEnd);
  if (isUnix) return "unix";
  const host = addressText(header.subarray(fixedBytes, fixedBytes + family.addressBytes));
  return { host, port: view.getUint16(addressEnd) };
}

/** What stands behind the addresses: type, length, value. Skipped, but for a checksum, which must be right. */
function checkVectors(header: Uint8Array, view: DataView, start: number): void {
  let at = start;
  while (at < header.length) {
    const end = at + 3 + (at + 3 <= header.length ? view.getUint16(at + 1) : 0);
    if (end > header.length) throw noHeader("what stands behind its addresses is longer than the header");
    if (header[at] === crc32cType) {
      if (end - at !== 7) throw noHeader("its checksum has not four bytes");
      const zeroed = header.slice().fill(0, at + 3, end);
      if (crc32c(zeroed) !== view.getUint32(at + 3)) throw noHeader("its checksum is wrong");
    }
    at = end;
  }
}

export function writeV2(route: ProxyRoute | undefined): Uint8Array {
  if (route === undefined) return Uint8Array.of(...signature, local, 0, 0, 0);
  let [from, to] = [route.source, route.destination].map(
    ({ host }) => addressBytes(host) ?? new Uint8Array(4),
  ) as [Uint8Array, Uint8Array];
  if (from.length !== to.length) [from, to] = [mapped(from), mapped(to)];
  const family = from.length === 4 ? 0x11 : 0x21;
  const ports = [route.source.port, route.destination.port].flatMap((port) => [port >> 8, port & 0xff]);
  return Uint8Array.of(...signature, proxy, family, 0, 2 * from.length + 4, ...from, ...to, ...ports);
}
