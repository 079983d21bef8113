// What a page sends, read strictly: JSON of a known shape, or nothing.
// Invariant: what is read here has every field of its type and nothing else, whatever came.

import { ProtocolError } from "../../core/errors.js";
import { json } from "../../protocol/encoding/json.js";
import type { LiveOrder, PageMessage } from "./messages.js";

/** Why it is none, in words for its sender. */
export interface Problem {
  readonly problem: string;
}

export function readPageMessage(bytes: Uint8Array): PageMessage | Problem {
  const { type, id, text, name } = fieldsOf(bytes);
  if (type === "say" && isCount(id) && typeof text === "string") return { type, id, text };
  if (type === "name" && typeof name === "string") return { type, name };
  return { problem: "a message is JSON: say with an id and a text, or name with a name" };
}

const codeCharsMax = 256;
/** Nobody is slowed down by more. */
const bytesPerSecondMax = 1_000_000_000;

export function readLiveOrder(bytes: Uint8Array): LiveOrder | Problem {
  const { type, code, id, bytesPerSecond } = fieldsOf(bytes);
  if (type === "unlock" && typeof code === "string" && code.length <= codeCharsMax) return { type, code };
  if ((type === "cut" || type === "disconnect") && isCount(id)) return { type, id };
  if (type === "throttle" && isCount(id) && isCount(bytesPerSecond) && bytesPerSecond <= bytesPerSecondMax) {
    return { type, id, bytesPerSecond };
  }
  return { problem: "an order is JSON: unlock with a code, cut, disconnect or throttle with an id" };
}

const decoder = json().open();

/** The fields of a JSON object, each of which may be anything; none of what is no object. */
function fieldsOf(bytes: Uint8Array): { readonly [field: string]: unknown } {
  try {
    const value: unknown = decoder.decode(bytes, false);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch (error) {
    if (error instanceof ProtocolError) return {};
    throw error;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
