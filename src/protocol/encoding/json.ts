// json(): a message is a JSON value, in UTF-8 (RFC 8259). Under lines() this is NDJSON.
// Invariant: what JSON has no form for is refused as a whole, never sent as nothing.

import { ProtocolError } from "../../core/errors.js";
import { kindOf } from "./bytes.js";
import type { Encoder, Encoding } from "./encoding.js";
import { quoteText } from "./quote.js";
import { decodeUtf8, encodeUtf8 } from "./utf8.js";

/**
 * JSON values. `T` is a promise that nobody checks; `withSchema` does. Inside a value, what `JSON.stringify` leaves
 * out (properties that are undefined or functions) is left out here too.
 */
export function json<T = unknown>(): Encoding<T> {
  return { name: "json", anyCut: false, isText: true, open: () => jsonEncoder as Encoder<T> };
}

// It remembers nothing, so that one serves every connection.
const jsonEncoder: Encoder<unknown> = {
  encode: (message) => encodeUtf8(stringify(message)),
  decode: (frame) => parse(decodeUtf8(frame)),
  end() {},
};

function stringify(message: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(message);
  } catch (cause) {
    // A cycle, a bigint, a `toJSON` that throws: the platform says which.
    const why = cause instanceof Error ? firstLine(cause.message) : String(cause);
    const reason = `the message has no JSON form: ${why}`;
    throw new ProtocolError("ERR_INVALID_MESSAGE", "local", reason, { cause });
  }
  if (text !== undefined) return text;
  throw new ProtocolError("ERR_INVALID_MESSAGE", "local", `JSON has no form for ${kindOf(message)}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = text === "" ? "an empty message is not JSON" : `not JSON: ${quoteText(text)}`;
    throw new ProtocolError("ERR_INVALID_MESSAGE", "remote", reason, { cause });
  }
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}
