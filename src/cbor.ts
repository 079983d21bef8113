// `holdfast/cbor`: the encoding that needs the package `cbor-x`, which is loaded with this entry point alone.

import { UsageError } from "./core/errors.js";
import { type CborCodec, cborOf } from "./protocol/encoding/cbor.js";
import type { Encoding } from "./protocol/encoding/encoding.js";

/**
 * CBOR values (RFC 8949) that any implementation reads: no records, no structures. What comes back is equal to what
 * was sent: plain objects, arrays, `Uint8Array` and the other typed arrays, `Date`, `Map`, `Set`, text, numbers (but
 * -0), bigints up to a thousand bytes. Integers of 64 bits arrive as bigints. `T` is a promise that nobody checks;
 * `withSchema` does.
 */
export function cbor<T = unknown>(): Encoding<T> {
  return cborOf<T>(codec);
}

const codec: CborCodec = await loadCodec();

// Loaded here and not imported above: a static import of a package that is missing names no remedy.
async function loadCodec(): Promise<CborCodec> {
  const { Decoder, Encoder } = await import("cbor-x").catch((cause: unknown) => {
    const advice = "install it with: npm install cbor-x";
    throw new UsageError("holdfast/cbor needs the package cbor-x", { advice, cause });
  });
  // Apart from each other: an encoder that reads would keep what a peer defines.
  const encoder = new Encoder({ useRecords: false, variableMapSize: true, tagUint8Array: false });
  const decoder = new Decoder({ useRecords: false, mapsAsObjects: true });
  return {
    encode: (message) => encoder.encode(message),
    decode: (frame) => decoder.decode(frame),
  };
}
