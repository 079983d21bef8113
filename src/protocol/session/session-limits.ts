// What each side of a session takes, as it says in the handshake: docs/PROTOCOL.md section 9.
// Invariant: limits that are in force keep every relation of that section.

import { UsageError } from "../../core/errors.js";
import { limit } from "../../core/limits.js";
import { countOf, type Fields } from "./fields.js";

/** Bytes, but for `streamsMax`. Each is what the side that says it takes from the other. */
export interface SessionLimits {
  /** The largest message. */
  readonly messageBytesMax: number;
  /** OPEN before its message. */
  readonly openBytesMax: number;
  /** What may be sent on a stream before anything is taken from it. */
  readonly streamCreditBytes: number;
  /** The same for stream 0. */
  readonly mainCreditBytes: number;
  /** Streams in use that the other side opened. */
  readonly streamsMax: number;
  /** The sender's own outbox, so that the other side acknowledges in time. */
  readonly outboxBytesMax: number;
}

/** The smallest of each, in the order of the page. */
const smallest: SessionLimits = {
  messageBytesMax: 64,
  openBytesMax: 64,
  streamCreditBytes: 64,
  mainCreditBytes: 64,
  streamsMax: 0,
  outboxBytesMax: 128,
};
const names = Object.keys(smallest) as (keyof SessionLimits)[];

/** The lengths of OPEN's parts have two bytes each. */
const openBytesLargest = 2 ** 16 - 1;
const largest = 2 ** 32 - 1;

/** The limits in force here: the caller's, and the defaults for the rest. @throws UsageError if they do not fit together. */
export function sessionLimits(given: Partial<SessionLimits> = {}): SessionLimits {
  const chosen = select((name) => limit(name, given[name]));
  const problem = checkSessionLimits(chosen);
  if (problem !== undefined) throw new UsageError(problem);
  return chosen;
}

/** The relation that does not hold, in words; undefined if all do. */
export function checkSessionLimits(limits: SessionLimits): string | undefined {
  for (const name of names) {
    if (limits[name] < smallest[name])
      return `${name} must be at least ${smallest[name]}, got ${limits[name]}`;
    if (limits[name] > largest) return `${name} must be below 2^32, got ${limits[name]}`;
  }
  const { messageBytesMax, openBytesMax, streamCreditBytes, mainCreditBytes, outboxBytesMax } = limits;
  if (openBytesMax > openBytesLargest) return `openBytesMax must be below 65536, got ${openBytesMax}`;
  if (messageBytesMax > streamCreditBytes)
    return above("messageBytesMax", messageBytesMax, "streamCreditBytes");
  if (messageBytesMax > mainCreditBytes) return above("messageBytesMax", messageBytesMax, "mainCreditBytes");
  if (messageBytesMax + openBytesMax >= 2 ** 24) {
    return `messageBytesMax and openBytesMax must be below 2^24 together, got ${messageBytesMax + openBytesMax}`;
  }
  if (streamCreditBytes + openBytesMax > outboxBytesMax) {
    const sum = streamCreditBytes + openBytesMax;
    return `streamCreditBytes and openBytesMax must be at most outboxBytesMax together, which is ${outboxBytesMax}, got ${sum}`;
  }
  return undefined;

  function above(name: keyof SessionLimits, value: number, bound: keyof SessionLimits): string {
    return `${name} must be at most ${bound}, which is ${limits[bound]}, got ${value}`;
  }
}

/** As a peer said them; relations are not checked. @throws Violation (`malformed`) if one is missing or no whole number. */
export function readSessionLimits(fields: Fields): SessionLimits {
  return select((name) => countOf(fields, name));
}

export function sameSessionLimits(one: SessionLimits, other: SessionLimits): boolean {
  return names.every((name) => one[name] === other[name]);
}

function select(read: (name: keyof SessionLimits) => number): SessionLimits {
  return {
    messageBytesMax: read("messageBytesMax"),
    openBytesMax: read("openBytesMax"),
    streamCreditBytes: read("streamCreditBytes"),
    mainCreditBytes: read("mainCreditBytes"),
    streamsMax: read("streamsMax"),
    outboxBytesMax: read("outboxBytesMax"),
  };
}
