// Runs a story over a simulated network, in virtual time: the same seed, the same story, to the last event.

import type { Clock, Random } from "../core/clock.js";
import { parseEndpoint } from "../core/endpoint.js";
import { UsageError } from "../core/errors.js";
// Sessions load their code when they are used first, for which virtual time would not wait.
import "../session/on-node.js";
import "../session/serve-sessions.js";
import { Cables } from "../transport/memory/cables.js";
import type { Conditions } from "../transport/memory/conditions.js";
import { MemoryNetwork } from "../transport/memory.js";
import { seeded } from "./cuts.js";
import { turning } from "./turning.js";
import { VirtualClock } from "./virtual-clock.js";
import { Weather, type WeatherOptions } from "./weather.js";

export interface SimulateOptions extends Conditions {
  /** A whole number below 2^32. Default: the variable `HOLDFAST_SEED`, or else another one each time. */
  readonly seed?: number | undefined;
  /** Virtual time after which a story that has not ended has failed. Default: one hour. */
  readonly withinMs?: number | undefined;
}

/** Where a story happens. */
export interface World {
  readonly seed: number;
  /** For everything that the story leaves to chance; the network has its own. */
  readonly random: Random;
  readonly clock: VirtualClock;
  readonly network: MemoryNetwork;
  /** The cables between those who are connected, and what becomes of dials. */
  readonly cables: Cables;
  /** Give these to everything that takes them: `connect("memory:server", { ...world.options })`. */
  readonly options: { readonly clock: Clock; readonly random: Random; readonly network: MemoryNetwork };
  /** A hash of all that has happened on the network so far, and when. */
  readonly traceHash: string;
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Faults by chance from now on, until `calm`. */
  weather(options?: WeatherOptions): Weather;
  /**
   * The process that listens on this endpoint dies: its connections break, and the name is free to be listened on
   * again. The old listener is told nothing.
   */
  crash(endpoint: string): void;
}

/**
 * Runs the story to its end, and resolves to what it returns. Whatever it leaves open ends with it.
 * @throws what the story throws, with the seed in the message; UsageError if it can never end, or has not `withinMs`.
 */
export async function simulate<T>(
  options: SimulateOptions,
  story: (world: World) => Promise<T> | T,
): Promise<T> {
  const seed = seedOf(options.seed);
  const world = createWorld(seed, options);
  let over = false;
  const ending = (async () => story(world))().finally(() => {
    over = true;
  });
  const { withinMs = 3_600_000 } = options;
  try {
    const time = turning(world.clock, { withinMs, goOn: () => !over });
    // Whichever fails first; time ends with the story.
    const [result] = await Promise.all([ending, time]);
    return result;
  } catch (error) {
    throw seededError(error, world);
  }
}

function createWorld(seed: number, conditions: Conditions): World {
  const clock = new VirtualClock();
  // Each its own, so that asking once more in the story changes nothing on the network.
  const [random, ofNetwork, ofWeather] = [seeded(seed), seeded(seed ^ 0x5bd1e995), seeded(seed ^ 0x1b873593)];
  const cables = new Cables(clock, ofNetwork, conditions);
  const network = new MemoryNetwork(cables);
  return {
    seed,
    random,
    clock,
    network,
    cables,
    options: { clock, random, network },
    get traceHash() {
      return cables.trace.hash;
    },
    now: () => clock.now(),
    sleep: (ms) => new Promise((resolve) => clock.setTimer(resolve, ms)),
    weather: (options = {}) => new Weather(cables, clock, ofWeather, options),
    crash(endpoint) {
      const parsed = parseEndpoint(endpoint);
      if (parsed.scheme !== "memory")
        throw new UsageError(`${endpoint} is not on this network`, { op: "crash" });
      network.forget(parsed);
      for (const cable of cables) if (cable.endpoint === endpoint) cable.kill("accepted");
    },
  };
}

function seedOf(given: number | undefined): number {
  const { HOLDFAST_SEED: said } = process.env;
  const seed = given ?? (said === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(said));
  if (Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32) return seed;
  throw new UsageError(`the seed must be a whole number below 2^32, got ${String(given ?? said)}`, {
    op: "simulate",
  });
}

/** The same error, of the same class, which says how to see it again. */
function seededError(error: unknown, world: World): Error {
  const { seed } = world;
  const how = `SEED=${seed} (set HOLDFAST_SEED=${seed} to replay it; it failed at ${Math.round(world.now())} ms)`;
  if (!(error instanceof Error))
    return new Error(`the story threw ${String(error)}; ${how}`, { cause: error });
  const { message, stack } = error;
  const said = `${message}\n${how}`;
  try {
    Object.defineProperty(error, "message", { value: said, configurable: true, writable: true });
    Object.defineProperty(error, "stack", {
      value: stack?.replace(message, () => said),
      configurable: true,
      writable: true,
    });
    return error;
  } catch {
    return new Error(said, { cause: error });
  }
}
