// What a seed makes of a world: its network, its weather, its limits, and what its clients do.
// Invariant: it follows from the seed alone, so one number is enough to have a world again.

import type { Random } from "../../src/core/clock.js";
import type { SessionLimits } from "../../src/protocol/session/session-limits.js";
import { pick, seeded } from "../../src/testing/cuts.js";
import type { FaultName, WeatherOptions } from "../../src/testing/weather.js";
import type { Conditions } from "../../src/transport/memory/conditions.js";
import { payloadBytesMax } from "./payload.js";

interface Heartbeat {
  readonly pingAfterMs: number;
  readonly deadAfterMs: number;
}

export interface Plan {
  readonly seed: number;
  readonly kind: Kind;
  readonly conditions: Conditions;
  readonly stormMs: number;
  readonly clients: number;
  readonly weather: WeatherOptions;
  readonly limits: { readonly client: Partial<SessionLimits>; readonly server: Partial<SessionLimits> };
  /** Each side has its own, as it may. */
  readonly heartbeat: { readonly client: Heartbeat | undefined; readonly server: Heartbeat | undefined };
  /** With a short one a close in a storm is often given up. */
  readonly drainMs: number | undefined;
  readonly sessionTtlMs: number | undefined;
  /** A session may expire in weather like this. */
  readonly mayExpire: boolean;
  /** Mean times: between two bursts of a sender, between two streams, of a session, between two restarts of the server. */
  readonly pauseMs: number;
  readonly streamEveryMs: number;
  readonly lifeMs: number;
  readonly restartEveryMs: number;
  /** Messages of one burst at most, and how large most of them are at most, and all. */
  readonly burst: number;
  readonly usualBytes: number;
  readonly largestBytes: number;
  /** How often a reader pauses, and how often it stops for good. */
  readonly pauses: number;
  readonly stalls: number;
}

/** Long ones are sparse: they find what time does. Dense ones find what comes together. Mortal ones lose sessions. */
const kinds = ["long", "dense", "mortal"] as const;
type Kind = (typeof kinds)[number];

const cutting: readonly FaultName[] = ["reset", "end", "kill", "zombie"];
const all: readonly FaultName[] = [...cutting, "stall", "half-open", "refuse", "lose-dials", "jump"];
/** Cuts more often than delays. */
const mixed: readonly FaultName[] = [...cutting, ...cutting, ...all];

/** Every relation of docs/PROTOCOL.md section 9 at its edge in one of them. */
const limitSets: readonly Partial<SessionLimits>[] = [
  {},
  {},
  tight(64, 64, 1),
  tight(64, 64, 2),
  tight(200, 64, 3),
  tight(1_000, 100, 8),
  { ...tight(1_000, 100, 4), outboxBytesMax: 1_500 },
  { ...tight(3_000, 4_096, 16), mainCreditBytes: 9_000, outboxBytesMax: 20_000 },
  { messageBytesMax: 16_384, streamsMax: 0 },
  // It cannot send what the other side may take.
  { messageBytesMax: 64, streamCreditBytes: 64, mainCreditBytes: 64, openBytesMax: 64, outboxBytesMax: 128 },
];

const quick: Heartbeat = { pingAfterMs: 500, deadAfterMs: 1_500 };

/** A message as large as its credit, and an outbox that holds just that. */
function tight(bytes: number, openBytesMax: number, streamsMax: number): Partial<SessionLimits> {
  return {
    messageBytesMax: bytes,
    streamCreditBytes: bytes,
    mainCreditBytes: bytes,
    openBytesMax,
    streamsMax,
    outboxBytesMax: bytes + openBytesMax,
  };
}

export function planOf(seed: number): Plan {
  const random = seeded(seed ^ 0x27d4eb2f);
  const chance = (of: number) => random() < of;
  const kind = chance(0.25) ? "long" : chance(0.25) ? "mortal" : "dense";
  const isLong = kind === "long";
  const isMortal = kind === "mortal";
  // Each byte by itself: headers come in pieces, and links break inside them.
  const byByte = !isLong && chance(0.1);
  const limits = { client: oneOf(random, limitSets), server: oneOf(random, limitSets) };
  const plan: Plan = {
    seed,
    kind,
    conditions: {
      latencyMs: oneOf(random, [[1, 5], 0, 20, [5, 200], [0, 1]] as const),
      bytesPerMs: oneOf(random, [undefined, undefined, undefined, 50, 1_000]),
      segments: byByte ? "bytes" : oneOf(random, ["anywhere", "anywhere", "whole"] as const),
      ...(chance(0.2) ? { sendBufferBytes: 1_000, receiveBufferBytes: 3_000 } : {}),
    },
    stormMs: byByte ? 20_000 : isLong ? 4 * 3_600_000 : isMortal ? 900_000 : 60_000,
    clients: isLong ? 1 : 1 + Math.floor(random() * 3),
    weather: {
      everyMs: isLong ? 2_200 : oneOf(random, [100, 300, 1_000, 3_000]),
      lastsMs: isMortal ? oneOf(random, [2_000, 10_000]) : oneOf(random, [300, 1_000, 3_000]),
      faults: chance(0.2) ? all : chance(0.2) ? cutting : mixed,
    },
    limits,
    heartbeat: { client: chance(0.4) ? quick : undefined, server: chance(0.3) ? quick : undefined },
    drainMs: chance(0.2) ? 1_000 : undefined,
    sessionTtlMs: isMortal ? oneOf(random, [0, 1_000, 5_000, 20_000]) : undefined,
    mayExpire: isMortal,
    pauseMs: isLong ? 20_000 : isMortal || byByte ? 3_000 : oneOf(random, [50, 300, 2_000]),
    streamEveryMs: isLong ? 60_000 : isMortal || byByte ? 5_000 : oneOf(random, [100, 1_000, 5_000]),
    lifeMs: isLong ? 1_800_000 : isMortal ? 60_000 : oneOf(random, [5_000, 60_000, 300_000]),
    restartEveryMs: chance(0.2) ? (isLong ? 1_200_000 : 60_000) : Number.POSITIVE_INFINITY,
    burst: oneOf(random, [1, 4, 20]),
    largestBytes: byByte ? 300 : payloadBytesMax,
    usualBytes: byByte ? 64 : oneOf(random, [64, 200, 3_000]),
    pauses: oneOf(random, [0, 0.02, 0.2]),
    stalls: chance(0.3) ? 0.05 : 0,
  };
  // A PING waits behind the message that is on its way: who gives up sooner than the other speaks would never get a large
  // one over a slow link.
  const isImpatient = plan.heartbeat.client !== plan.heartbeat.server && plan.conditions.bytesPerMs === 50;
  return isImpatient ? { ...plan, largestBytes: Math.min(plan.largestBytes, 3_000) } : plan;
}

function oneOf<T>(random: Random, choices: readonly T[]): T {
  return pick(random, choices) as T;
}
