// The campaign's messages: random-looking bytes that follow from a lane, a number and a size, and nothing else.
// Invariant: from four bytes on no two messages are alike, so a copy, a gap or a spoilt byte shows.

import { seeded } from "../../src/testing/cuts.js";

const startsMax = 2 ** 18;
/** The largest message there may be. */
export const payloadBytesMax = 2 ** 18;

const noise = new Uint8Array(startsMax + payloadBytesMax);
const random = seeded(1);
for (let index = 0; index < noise.length; index += 1) noise[index] = random() * 256;

/** A copy of its own, which may be spoilt. */
export function payloadOf(lane: number, number: number, size: number): Uint8Array {
  return view(lane, number, size).slice();
}

export function isPayload(bytes: Uint8Array, lane: number, number: number, size: number): boolean {
  return bytes.length === size && Buffer.compare(bytes, view(lane, number, size)) === 0;
}

function view(lane: number, number: number, size: number): Uint8Array {
  const mixed = Math.imul(Math.imul(lane, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b), 0xc2b2ae35);
  const start = (mixed ^ (mixed >>> 15)) & (startsMax - 1);
  return noise.subarray(start, start + size);
}
