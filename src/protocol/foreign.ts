// Other protocols where a session or the plain door is: how they are recognized, and what they are told in their own words.
// Invariant: what is recognized in some bytes is recognized however they were cut.

/** Who speaks, judged by the first bytes. */
export type Foreign = "http" | "tls" | "plain";

/**
 * Who speaks instead of us; undefined while more bytes may tell.
 * @param isAll Nothing more will be looked at.
 */
export function recognizePeer(bytes: Uint8Array, isAll: boolean): Foreign | undefined {
  if (looksLikeTls(bytes)) return "tls";
  const text = latin1.decode(bytes);
  if (looksLikeHttp(bytes) || text.startsWith("HTTP/")) return "http";
  if (!isAll && (mayBecomeTls(bytes) || mayBecomeHttp.test(text))) return undefined;
  // A word of capitals, a space, and no other space within a kilobyte: a long address.
  return mayBecomeHttp.test(text) ? "http" : "plain";
}

/** A browser, curl or a proxy: `GET / HTTP/1.1`. */
export function looksLikeHttp(line: Uint8Array): boolean {
  return /^[A-Z]{3,20} \S+ HTTP\/\d/.test(latin1.decode(line));
}

/** A handshake record (22), as ClientHello is, or an alert (21), of some version 3.x (RFC 8446 section 5.1). */
export function looksLikeTls(bytes: Uint8Array): boolean {
  return isTlsRecord(bytes) && bytes[1] === 0x03;
}

/** A fatal alert in the clear (RFC 8446 section 6), which the other side shows as what it is. */
export function fatalAlert(description: number): Uint8Array {
  return new Uint8Array([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, description]);
}

/** A fatal handshake_failure. */
export const tlsAlert: Uint8Array = fatalAlert(40);

/** A whole answer that says `text` and ends the connection. */
export function httpRefusal(text: string): Uint8Array {
  return encoder.encode(
    [
      "HTTP/1.1 400 Bad Request",
      "Content-Type: text/plain; charset=utf-8",
      `Content-Length: ${encoder.encode(text).length}`,
      "Connection: close",
      "",
      text,
    ].join("\r\n"),
  );
}

function isTlsRecord(bytes: Uint8Array): boolean {
  return bytes[0] === 0x16 || bytes[0] === 0x15;
}

function mayBecomeTls(bytes: Uint8Array): boolean {
  return bytes.length === 1 && isTlsRecord(bytes);
}

/** The beginning of a request line, or of `HTTP/`, up to where it can be told. */
const mayBecomeHttp = /^(?:[A-Z]{0,20}|[A-Z]{3,20} \S*|[A-Z]{3,20} \S+ (?:H(?:T(?:T(?:P\/?)?)?)?)?)$/;

const encoder = new TextEncoder();
const latin1 = new TextDecoder("latin1");
