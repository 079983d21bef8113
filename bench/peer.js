// One side of a measurement, in a process of its own: does what the run asks over IPC, one answer per question.
// Invariant: it ends with the run, whatever happens to either.

import { setTimeout } from "node:timers/promises";

import { contenders } from "./contenders/index.js";
import { StampChecker, Stamper } from "./stamp.js";

/** Round trips that are remembered for the median. */
const roundTripsMax = 200_000;
const settleMs = 10_000;
/** What a flood's sender may hold back: as little as keeps the wire full, so that the messages stay in the cache. */
const heldBytesMin = 64 * 1024;

let messages = 0;
/** @type {Promise<number> | undefined} */
let flooded;

const questions = {
  /** Becomes a server that sends everything back. @param {{ contender: string, bytes: number }} work */
  serve: ({ contender, bytes }) => contenders[contender].echo(() => checkerOf(bytes)),

  /** Becomes a server that sends to the first that connects, as quickly as it is let, for `ms`. @param {{ contender: string, bytes: number, ms: number }} work */
  async flood({ contender, bytes, ms }) {
    const heldBytesMax = Math.max(heldBytesMin, 8 * bytes);
    const stamper = new Stamper(bytes, 2 * heldBytesMax);
    let end = 0;
    const next = () => {
      if (stamper.sent % 64 === 0) {
        end ||= performance.now() + ms;
        if (performance.now() >= end) return undefined;
      }
      return stamper.next();
    };
    const flood = await contenders[contender].flood({ heldBytesMax, next });
    flooded = flood.flooded.then(() => stamper.sent);
    return flood.endpoint;
  },

  /** How many messages the flood had. */
  flooded: () => flooded,

  /** Connects, and takes what comes. @param {{ contender: string, endpoint: string, bytes: number }} work */
  async receive({ contender, endpoint, bytes }) {
    await contenders[contender].open(endpoint, checkerOf(bytes));
  },

  /** What this process has done so far: the difference between two marks is the measurement. */
  mark() {
    const { user, system } = process.cpuUsage();
    return { messages, atMs: performance.now(), cpuMicros: user + system };
  },

  /** Memory that is really held: of the process, and by live objects alone. */
  async memory() {
    for (let round = 0; round < 4; round += 1) {
      globalThis.gc?.();
      await setTimeout(50);
    }
    const { rss, heapUsed } = process.memoryUsage();
    return { rss, heapUsed };
  },

  /** Waits until exactly `expected` messages have come. @param {{ expected: number }} question */
  async settle({ expected }) {
    const deadline = performance.now() + settleMs;
    while (messages < expected && performance.now() < deadline) await setTimeout(5);
    if (messages !== expected) throw new Error(`${expected} messages were sent, ${messages} arrived`);
  },

  /**
   * One message in flight on each connection; the round trips of the second half are the measured ones.
   * @param {{ contender: string, endpoint: string, bytes: number, ms: number, connections: number }} work
   */
  async echo({ connections, ms, ...work }) {
    const end = performance.now() + ms;
    const roundTrips = new RoundTrips();
    const flows = Array.from({ length: connections }, () =>
      echoUntil(work, () => performance.now() >= end, roundTrips),
    );
    const sent = await Promise.all(flows);
    return { sent: sent.reduce((sum, count) => sum + count, 0), p50Micros: roundTrips.medianMicros() };
  },

  /**
   * Opens connections that stay, each proven by one echo.
   * @param {{ contender: string, endpoint: string, bytes: number, connections: number }} work
   */
  async hold({ connections, ...work }) {
    const atOnce = 64;
    for (let opened = 0; opened < connections; opened += atOnce) {
      const some = Math.min(atOnce, connections - opened);
      await Promise.all(Array.from({ length: some }, () => echoUntil(work, () => true)));
    }
    return connections;
  },
};

/** Checks and counts what comes on one connection. @param {number} bytes */
function checkerOf(bytes) {
  const checker = new StampChecker(bytes);
  return (/** @type {Uint8Array} */ message) => {
    checker.take(message);
    messages += 1;
  };
}

/**
 * Echoes on one connection until `isOver`, once at least, and leaves it open.
 * @param {{ contender: string, endpoint: string, bytes: number }} work
 * @param {() => boolean} isOver
 * @param {RoundTrips} [roundTrips]
 * @returns {Promise<number>} messages sent
 */
async function echoUntil({ contender, endpoint, bytes }, isOver, roundTrips) {
  const stamper = new Stamper(bytes);
  const checker = new StampChecker(bytes);
  let sentAt = performance.now();
  /** @type {() => void} */
  let over = () => {};
  const finished = new Promise((/** @type {(value: void) => void} */ resolve) => {
    over = resolve;
  });
  const send = await contenders[contender].open(endpoint, (message) => {
    checker.take(message);
    const now = performance.now();
    roundTrips?.add(now - sentAt);
    if (isOver()) return over();
    sentAt = now;
    send(stamper.next());
  });
  sentAt = performance.now();
  send(stamper.next());
  await finished;
  return stamper.sent;
}

class RoundTrips {
  #ms = new Float64Array(roundTripsMax);
  #count = 0;

  /** @param {number} ms */
  add(ms) {
    if (this.#count === roundTripsMax) return;
    this.#ms[this.#count] = ms;
    this.#count += 1;
  }

  /** Of the later half: the first is warming up. */
  medianMicros() {
    const warm = this.#ms.subarray(this.#count >>> 1, this.#count).sort();
    return warm[warm.length >>> 1] * 1_000;
  }
}

process.on(
  "message",
  async (/** @type {{ name: keyof typeof questions, details: never }} */ { name, details }) => {
    try {
      process.send?.({ answer: await questions[name](details) });
    } catch (error) {
      process.send?.({ error: error instanceof Error ? error.message : String(error) });
    }
  },
);
process.on("disconnect", () => process.exit());
