// How the cables of a simulated network behave while nothing is broken.

import type { Clock, Random } from "../../core/clock.js";
import { UsageError } from "../../core/errors.js";

export interface Conditions {
  /** One way, in milliseconds: always the same, or anything between two bounds. Default 1 to 5. */
  readonly latencyMs?: number | readonly [leastMs: number, mostMs: number] | undefined;
  /** Each direction of each cable, in bytes per millisecond. Default: no bound. */
  readonly bytesPerMs?: number | undefined;
  /** How what was written is cut on its way: not at all, anywhere, or at every byte. Default "anywhere". */
  readonly segments?: "whole" | "anywhere" | "bytes" | undefined;
  /** What the sender's kernel takes ahead of the cable. Default 64 KiB. */
  readonly sendBufferBytes?: number | undefined;
  /** What may be under way and unread in the receiver's kernel together. Default 64 KiB. */
  readonly receiveBufferBytes?: number | undefined;
}

/** Conditions complete, with the time and the chance of the network, and whoever keeps its trace. */
export interface Surroundings {
  readonly latencyMs: readonly [leastMs: number, mostMs: number];
  readonly bytesPerMs: number;
  readonly segments: "whole" | "anywhere" | "bytes";
  readonly sendBufferBytes: number;
  readonly receiveBufferBytes: number;
  readonly clock: Clock;
  readonly random: Random;
  /** Told of everything that happens, as numbers: what, on which cable, how much. */
  readonly note: (what: number, cable: number, amount: number) => void;
}

/** The longest that the kernel takes to look at a write or a close: long enough for a writer to forget itself. */
const kernelMsMax = 0.1;

/** As much as a kernel's own buffers hold at first. */
const bufferBytes = 65_536;

export function surroundingsOf(
  conditions: Conditions,
  world: Pick<Surroundings, "clock" | "random" | "note">,
): Surroundings {
  const { latencyMs = [1, 5], bytesPerMs = Number.POSITIVE_INFINITY, segments = "anywhere" } = conditions;
  const { sendBufferBytes = bufferBytes, receiveBufferBytes = bufferBytes } = conditions;
  const [leastMs, mostMs] = typeof latencyMs === "number" ? [latencyMs, latencyMs] : latencyMs;
  if (!(leastMs >= 0 && mostMs >= leastMs && mostMs < Number.POSITIVE_INFINITY)) {
    throw new UsageError(`latencyMs must be one time or two in order, got ${String(latencyMs)}`);
  }
  for (const [name, value] of Object.entries({ bytesPerMs, sendBufferBytes, receiveBufferBytes })) {
    if (!(value > 0)) throw new UsageError(`${name} must be more than 0, got ${String(value)}`);
  }
  if (!["whole", "anywhere", "bytes"].includes(segments)) {
    throw new UsageError(`segments must be "whole", "anywhere" or "bytes", got ${String(segments)}`);
  }
  const complete = { latencyMs: [leastMs, mostMs] as const, bytesPerMs, segments };
  return { ...complete, sendBufferBytes, receiveBufferBytes, ...world };
}

/** How long one segment, a dial or an answer is under way. */
export function latency({ latencyMs: [leastMs, mostMs], random }: Surroundings): number {
  return leastMs === mostMs ? leastMs : leastMs + random() * (mostMs - leastMs);
}

/** How long the kernel takes to get to it. */
export function kernelMs({ random }: Surroundings): number {
  return random() * kernelMsMax;
}

/** How many of `bytesMax` bytes travel together. */
export function segmentBytes({ segments, random }: Surroundings, bytesMax: number): number {
  if (segments === "bytes") return 1;
  // Whole ones are as likely as cut ones, so that both what comes at once and what comes in parts is met often.
  if (segments === "whole" || random() < 0.5) return bytesMax;
  return 1 + Math.floor(random() * bytesMax);
}
