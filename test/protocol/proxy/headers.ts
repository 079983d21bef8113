// PROXY headers for tests, and reading them in every way they can come.

import assert from "node:assert/strict";
import type { ProxyHeader } from "../../../src/protocol/proxy/header.js";
import { readProxyHeader } from "../../../src/protocol/proxy/versions.js";

export const signature = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a] as const;

/** @param rest What the length counts; `lie` is added to it. */
export function v2(command: number, family: number, rest: readonly number[], lie = 0): Uint8Array {
  const length = rest.length + lie;
  return Uint8Array.of(...signature, command, family, length >> 8, length & 0xff, ...rest);
}

export const ipv4Route = [192, 0, 2, 7, 198, 51, 100, 1, 0x12, 0x34, 0, 80] as const;

export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Reads it whole, byte by byte, and with the client's own bytes behind it; all must say the same. */
export function readEveryWay(bytes: Uint8Array): ProxyHeader | undefined {
  const whole = attempt(bytes);
  const withMore = attempt(Uint8Array.of(...bytes, 0x0a, 0xff, 0x00));
  let outcome = attempt(bytes.subarray(0, 0));
  for (let size = 1; outcome === undefined && size <= bytes.length; size += 1) {
    // A view into the middle of something larger.
    const copy = Uint8Array.of(9, 9, 9, ...bytes.subarray(0, size)).subarray(3);
    outcome = attempt(copy);
  }
  assert.deepEqual(outcome, whole);
  if (whole !== undefined) assert.deepEqual(withMore, whole);
  if (whole instanceof Error) throw whole;
  return whole;
}

function attempt(bytes: Uint8Array): ProxyHeader | Error | undefined {
  try {
    return readProxyHeader(bytes);
  } catch (error) {
    return error as Error;
  }
}
