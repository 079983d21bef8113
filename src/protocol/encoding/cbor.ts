// cbor(): a message is a CBOR value (RFC 8949): what JSON says, and bytes, dates, bigints, maps and sets.
// Invariant: what goes out comes back equal, and a short frame never becomes a large value or a long wait.

import { ProtocolError } from "../../core/errors.js";
import { kindOf, plainView } from "./bytes.js";
import { checkCbor } from "./cbor-check.js";
import { refuseUnsayable } from "./cbor-values.js";
import type { Encoder, Encoding } from "./encoding.js";

/** The library that does the work; handed in, so that nobody loads it who does not use it. */
export interface CborCodec {
  encode(message: unknown): Uint8Array;
  /** May keep views of `frame` in the message. */
  decode(frame: Uint8Array): unknown;
}

export function cborOf<T>(codec: CborCodec): Encoding<T> {
  return { name: "cbor", anyCut: false, open: () => encoderOf<T>(codec) };
}

function encoderOf<T>(codec: CborCodec): Encoder<T> {
  return {
    encode(message) {
      if (message === undefined) throw unsayable("undefined stands for the end of the messages");
      refuseUnsayable(message);
      try {
        return plainView(codec.encode(message));
      } catch (cause) {
        throw unsayable(`the message has no CBOR form, which is ${kindOf(message)}`, cause);
      }
    },
    decode(frame) {
      checkCbor(frame);
      const message = decoded(codec, frame);
      if (message !== undefined) return message as T;
      throw new ProtocolError(
        "ERR_INVALID_MESSAGE",
        "remote",
        "the message is undefined, which stands for the end",
      );
    },
    end() {},
  };
}

function decoded(codec: CborCodec, frame: Uint8Array): unknown {
  try {
    // A view of its own, since the library hangs a property on what it reads.
    return codec.decode(plainView(frame));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ProtocolError("ERR_INVALID_MESSAGE", "remote", `not a CBOR value: ${why}`, { cause });
  }
}

function unsayable(reason: string, cause?: unknown): ProtocolError {
  return new ProtocolError("ERR_INVALID_MESSAGE", "local", reason, { cause });
}
