// UTF-8 in both directions, strict: what text() and json() are made of.
// Invariant: no replacement character comes or goes that was not there, unless it is asked for.

import { ProtocolError } from "../../core/errors.js";
import { quoteBytes, quoteText } from "./quote.js";

/** Small enough to stay, large enough for most of what people and programs say. */
const scratchBytes = 4_096;
const encoder = new TextEncoder();
const loneSurrogate = /\p{Surrogate}/u;
let scratch: Uint8Array | undefined;

/**
 * The UTF-8 of `text`; valid until the next call, by whomever: one scratch serves the process, so that an idle
 * connection holds none. @throws ProtocolError for half a surrogate pair, which UTF-8 has no bytes for.
 */
export function encodeUtf8(text: string): Uint8Array {
  // Three bytes at most for each of the string's 16-bit units.
  if (text.length * 3 > scratchBytes) {
    refuseLoneSurrogates(text);
    return encoder.encode(text);
  }
  scratch ??= new Uint8Array(scratchBytes);
  const { written } = encoder.encodeInto(text, scratch);
  if (written !== text.length) refuseLoneSurrogates(text);
  return scratch.subarray(0, written);
}

function refuseLoneSurrogates(text: string): void {
  const at = text.search(loneSurrogate);
  if (at === -1) return;
  const reason = `the text holds half a surrogate pair at ${at}, which UTF-8 cannot say: ${quoteText(text.slice(at))}`;
  throw new ProtocolError("ERR_INVALID_MESSAGE", "local", reason);
}

// Measured on Node 20: a loop of our own is quicker up to eight bytes only, so there is none.
// A byte order mark is kept as it is: only the application knows whether it is one.
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text in `frame`, which is whole. @throws ProtocolError for anything but UTF-8. */
export function decodeUtf8(frame: Uint8Array): string {
  try {
    return strict.decode(frame);
  } catch (cause) {
    throw notUtf8(frame, cause);
  }
}

/** `found` is where it happened; there may be good bytes before the bad one. */
function notUtf8(found: Uint8Array, cause: unknown): ProtocolError {
  return new ProtocolError("ERR_INVALID_BYTES", "remote", `invalid UTF-8 in ${quoteBytes(found)}`, { cause });
}

/** UTF-8 whose cuts go anywhere: what a cut leaves of a character waits for the next piece. */
export class Utf8Stream {
  readonly #decoder: InstanceType<typeof TextDecoder>;

  constructor(options: { readonly fatal: boolean }) {
    this.#decoder = new TextDecoder("utf-8", { fatal: options.fatal, ignoreBOM: true });
  }

  /** The text up to the last whole character. @throws ProtocolError for anything but UTF-8. */
  push(piece: Uint8Array): string {
    try {
      return this.#decoder.decode(piece, { stream: true });
    } catch (cause) {
      throw notUtf8(piece, cause);
    }
  }

  /** @throws ProtocolError (`ERR_TRUNCATED`) if the last piece was cut inside a character. */
  end(): void {
    try {
      this.#decoder.decode();
    } catch (cause) {
      const reason = "the input ended inside a UTF-8 character";
      throw new ProtocolError("ERR_TRUNCATED", "remote", reason, { cause });
    }
  }
}
