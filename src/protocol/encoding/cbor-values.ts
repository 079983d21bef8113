// What cbor() sends, told before it is encoded: the values that a receiver gets back equal, and no others.
// Invariant: whatever passes here passes `checkCbor` at the receiver.

import { ProtocolError } from "../../core/errors.js";
import { kindOf } from "./bytes.js";
import { cborBigintBytesMax, cborNestedMax } from "./cbor-check.js";

/** @throws ProtocolError (by local) that names the first thing in `message` which would not come back equal. */
export function refuseUnsayable(message: unknown): void {
  refuse(message, 0);
}

function refuse(value: unknown, depth: number): void {
  switch (typeof value) {
    case "string":
      refuseText(value);
      break;
    case "bigint":
      refuseBigint(value);
      break;
    case "object":
      if (value !== null) refuseObject(value, depth);
      break;
    case "function":
    case "symbol":
      throw unsayable(kindOf(value));
  }
}

function refuseObject(value: object, depth: number): void {
  if (depth >= cborNestedMax) throw unsayable(`what is nested deeper than ${cborNestedMax}, as a cycle is`);
  if (Array.isArray(value) || value instanceof Set) {
    for (const item of value) refuse(item, depth + 1);
  } else if (value instanceof Map) {
    for (const [key, item] of value) {
      refuse(key, depth + 1);
      refuse(item, depth + 1);
    }
  } else if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw unsayable("an invalid Date");
  } else if (!isTypedArray(value)) {
    if (!isPlain(value)) throw unsayable(`${kindOf(value)} of class ${value.constructor?.name ?? "unknown"}`);
    for (const [key, item] of Object.entries(value)) {
      if (key === "__proto__") throw unsayable('a key "__proto__"');
      refuseText(key);
      refuse(item, depth + 1);
    }
  }
}

const loneSurrogate = /\p{Surrogate}/u;

function refuseText(text: string): void {
  if (loneSurrogate.test(text)) throw unsayable("text with half a surrogate pair");
}

function refuseBigint(value: bigint): void {
  // One bit more for the sign, and three bytes less for the head that the receiver counts too.
  const bits = 8 * (cborBigintBytesMax - 3) + 1;
  if (BigInt.asIntN(bits, value) !== value) throw unsayable("a bigint of more than a thousand bytes");
}

function isTypedArray(value: object): boolean {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/** `{}` of any realm, or an object without a prototype: anything else would come back as something else. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function unsayable(what: string): ProtocolError {
  const advice = "send plain objects, arrays, Map, Set, Date, typed arrays, text, numbers or bigints";
  return new ProtocolError("ERR_INVALID_MESSAGE", "local", `cbor() does not send ${what}`, { advice });
}
