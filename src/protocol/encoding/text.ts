// text(): a message is a string, its bytes in the charset that both sides agree on.
// Invariant: what the charset cannot hold is refused, in both directions, unless replacing is asked for.

import { ProtocolError, UsageError } from "../../core/errors.js";
import { kindOf } from "./bytes.js";
import type { Encoder, Encoding } from "./encoding.js";
import { decodeSingleBytes, encodeSingleBytes } from "./single-byte.js";
import { decodeUtf8, encodeUtf8, Utf8Stream } from "./utf8.js";

export type Charset = "utf-8" | "ascii" | "latin1";

export interface TextOptions {
  /** `utf-8` (default), `ascii`, or `latin1`, which is ISO 8859-1 itself and not the web's windows-1252. */
  readonly charset?: Charset | undefined;
  /** Received bytes that are not in the charset: an `error` (default), or `replace` each by U+FFFD. */
  readonly invalid?: "error" | "replace" | undefined;
}

/**
 * Strings. Nothing is added or taken away: a byte order mark, a NUL and a line break are characters like others.
 * With `invalid: "replace"` half a character at the very end of the input is dropped.
 * @throws UsageError for an option it does not know.
 */
export function text({ charset = "utf-8", invalid = "error" }: TextOptions = {}): Encoding<string> {
  if (invalid !== "error" && invalid !== "replace") {
    throw new UsageError(`invalid must be "error" or "replace", got ${String(invalid)}`);
  }
  const replace = invalid === "replace";
  return { name: "text", anyCut: true, isText: charset !== "latin1", open: opener(charset, replace) };
}

function opener(charset: Charset, replace: boolean): () => Encoder<string> {
  switch (charset) {
    case "utf-8":
      return () => new Utf8Text(replace);
    case "ascii":
      return () => new SingleByteText("ascii", 0x7f, replace);
    case "latin1":
      return () => new SingleByteText("latin1", 0xff, replace);
    default:
      throw new UsageError(`charset must be "utf-8", "ascii" or "latin1", got ${String(charset)}`);
  }
}

class Utf8Text implements Encoder<string> {
  readonly #replace: boolean;
  /** Only where frames are cut anywhere is there anything to remember. */
  #stream: Utf8Stream | undefined;

  constructor(replace: boolean) {
    this.#replace = replace;
  }

  encode(message: string): Uint8Array {
    if (typeof message !== "string") throw notText(message);
    return encodeUtf8(message);
  }

  decode(frame: Uint8Array, cut: boolean): string | undefined {
    if (!cut) return this.#replace ? lenient.decode(frame) : decodeUtf8(frame);
    this.#stream ??= new Utf8Stream({ fatal: !this.#replace });
    const text = this.#stream.push(frame);
    return text === "" ? undefined : text;
  }

  end(): void {
    this.#stream?.end();
  }
}

const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

class SingleByteText implements Encoder<string> {
  readonly #charset: Charset;
  readonly #highest: number;
  readonly #replace: boolean;

  constructor(charset: Charset, highest: number, replace: boolean) {
    this.#charset = charset;
    this.#highest = highest;
    this.#replace = replace;
  }

  encode(message: string): Uint8Array {
    if (typeof message !== "string") throw notText(message);
    return encodeSingleBytes(message, this.#charset, this.#highest);
  }

  decode(frame: Uint8Array, cut: boolean): string | undefined {
    if (cut && frame.length === 0) return undefined;
    return decodeSingleBytes(frame, this.#charset, this.#highest, this.#replace);
  }

  end(): void {}
}

function notText(message: unknown): ProtocolError {
  const advice = "make it a string, or choose bytes() or json()";
  return new ProtocolError("ERR_INVALID_MESSAGE", "local", `text() sends strings, not ${kindOf(message)}`, {
    advice,
  });
}
