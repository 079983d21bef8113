// Driving a framer by hand, as the tests beside this file do.

import { ByteQueue } from "../../../src/core/byte-queue.js";
import type { Framer, Framing } from "../../../src/protocol/framing/framing.js";
import { countingWork, type Work } from "../../work.js";

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function asText(frame: Uint8Array | undefined): string | undefined {
  return frame === undefined ? undefined : String.fromCharCode(...frame);
}

/** The frames in `wire`, and after them the one that the end gives, if any. */
export function framesIn(
  framing: Framing<unknown>,
  wire: string,
  frameBytesMax = 1_024,
): (string | undefined)[] {
  const framer = framing.open({ frameBytesMax });
  const input = new ByteQueue();
  input.append(ascii(wire));
  const frames: (string | undefined)[] = [];
  for (let frame = framer.decode(input); frame !== undefined; frame = framer.decode(input)) {
    frames.push(asText(frame));
  }
  const last = framer.end(input);
  return last === undefined ? frames : [...frames, asText(last)];
}

/** What `framer` puts on the wire for `frame`. */
export function sentBy(framer: Framer, frame: Uint8Array): Uint8Array {
  return Uint8Array.from([...framer.header(frame), ...frame, ...framer.trailer]);
}

/** A queue that counts the single bytes looked at, which the platform's counters cannot see. */
class CountingQueue extends ByteQueue {
  looks = 0;

  override at(index: number): number {
    this.looks += 1;
    return super.at(index);
  }

  override peekUint(size: 1 | 2 | 4, little: boolean): number {
    this.looks += size;
    return super.peekUint(size, little);
  }
}

/** Sends one frame through `framing` a byte at a time; answers how much work that was. */
export function oneByteAtATime(
  framing: Framing<unknown>,
  frame: Uint8Array,
): Work & { readonly looks: number } {
  const limits = { frameBytesMax: frame.length };
  const wire = sentBy(framing.open(limits), frame);
  const framer = framing.open(limits);
  const input = new CountingQueue();
  let received: Uint8Array | undefined;
  const work = countingWork(() => {
    for (let i = 0; i < wire.length; i += 1) {
      input.append(wire.subarray(i, i + 1));
      received ??= framer.decode(input);
    }
  });
  if (received?.length !== frame.length) throw new Error("the frame did not come back");
  return { ...work, looks: input.looks };
}
