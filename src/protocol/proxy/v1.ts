// Version 1 of the PROXY protocol: one line of text (proxy-protocol.txt section 2.1).

import { addressBytes, addressText } from "../../core/address.js";
import { noHeader, type ProxyHeader, type ProxyRoute } from "./header.js";

/** With its line break: UNKNOWN, and two addresses and ports of the greatest length behind it. */
const lineBytesMax = 107;
const mark = new TextEncoder().encode("PROXY ");
const port = "(0|[1-9]\\d{0,4})";
const line = new RegExp(`^PROXY (?:UNKNOWN(?: [^]*)?|TCP([46]) (\\S+) (\\S+) ${port} ${port})$`);

/** @param bytes They begin with a P. */
export function readV1(bytes: Uint8Array): ProxyHeader | undefined {
  if (!mark.every((byte, index) => index >= bytes.length || bytes[index] === byte)) {
    throw noHeader("it begins with P, and not with PROXY");
  }
  const end = bytes.subarray(0, lineBytesMax).indexOf(0x0a);
  if (end === -1) {
    if (bytes.length < lineBytesMax) return undefined;
    throw noHeader(`its line has more than ${lineBytesMax} bytes`);
  }
  if (bytes[end - 1] !== 0x0d) throw noHeader("its line ends without a carriage return");
  const [match, family, source = "", destination = "", sourcePort, destinationPort] =
    line.exec(String.fromCharCode(...bytes.subarray(0, end - 1))) ?? [];
  if (match === undefined) throw noHeader("its line is not as it must be");
  const headerBytes = end + 1;
  if (family === undefined) return { headerBytes, source: undefined };
  for (const address of [source, destination]) {
    // A zone means nothing on another machine.
    const isOfFamily = address.includes(":") === (family === "6") && !address.includes("%");
    if (!isOfFamily || addressBytes(address) === undefined)
      throw noHeader(`an address is no IPv${family} address`);
  }
  if (Number(sourcePort) > 0xffff || Number(destinationPort) > 0xffff)
    throw noHeader("a port is above 65535");
  const host = addressText(addressBytes(source) ?? new Uint8Array(4));
  return { headerBytes, source: { host, port: Number(sourcePort) } };
}

export function writeV1(route: ProxyRoute | undefined): Uint8Array {
  return new TextEncoder().encode(route === undefined ? "PROXY UNKNOWN\r\n" : lineOf(route));
}

function lineOf({ source, destination }: ProxyRoute): string {
  const isIpv6 = [source, destination].some(({ host }) => host.includes(":"));
  // Beside an IPv6 address the other one is written as one too.
  const written = (host: string) => (isIpv6 && !host.includes(":") ? `::ffff:${host}` : host);
  const addresses = `${written(source.host)} ${written(destination.host)}`;
  return `PROXY TCP${isIpv6 ? 6 : 4} ${addresses} ${source.port} ${destination.port}\r\n`;
}
