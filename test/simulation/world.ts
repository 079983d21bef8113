// One world of the campaign: a server, its clients, a storm, a calm, and an end that leaves nothing behind.
// Invariant: all that happens follows from the plan, and the plan from its seed.

import { SocketError } from "../../src/core/errors.js";
import { openSession } from "../../src/session/on-node.js";
import { type SessionServer, serveSessions } from "../../src/session/serve-sessions.js";
import type { Session } from "../../src/session/session.js";
import { simulate, type World } from "../../src/testing/simulate.js";
import { Lane } from "./lane.js";
import { Line, type Role } from "./line.js";
import { type Plan, planOf } from "./plan.js";
import { Season } from "./season.js";
import { Side, type Sums } from "./side.js";

const endpoint = "memory:server";
/** Once it is calm, all that is under way has arrived within this: a dead link is noticed (15 s), a handshake that hangs
 * given up (10 s), a pause between attempts over (5 s), a busy server open again (5 s), and then there is the rest. */
const calmMs = 90_000;
/** A close, and what both sides keep for the other afterwards: `drainMs`, `doneMs`, `lingerMs`, or a `sessionTtlMs`. */
const endMs = 60_000;

/** A dead link is noticed, and another is there. */
const deadMs = 30_000;
const idleMs = 20_000;

export interface WorldResult extends Sums {
  readonly hash: string;
  readonly kind: string;
  readonly hours: number;
  readonly cuts: number;
  readonly cables: number;
}

/** Runs the world of this seed. @throws what the checker found, with the seed. */
export function runWorld(seed: number): Promise<WorldResult> {
  const plan = planOf(seed);
  return simulate({ ...plan.conditions, seed, withinMs: plan.stormMs * 2 + 3_600_000 }, (world) => {
    return new Campaign(world, plan).run();
  });
}

class Campaign {
  readonly #world: World;
  readonly #plan: Plan;
  readonly #season: Season;
  readonly #lines = new Map<string, Line>();
  readonly #sides = new Set<Side>();
  readonly #sums: Sums = { messages: 0, streams: 0, sessions: 0, resumes: 0 };
  readonly #servers: SessionServer[] = [];
  readonly #failed: Promise<never>;
  #fail: (error: unknown) => void = () => {};
  #lanes = 0;
  #restarts = 0;
  #isRestarting = false;

  constructor(world: World, plan: Plan) {
    this.#world = world;
    this.#plan = plan;
    this.#season = new Season(world);
    this.#failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.#failed.catch(() => {});
  }

  run(): Promise<WorldResult> {
    return Promise.race([this.#story(), this.#failed]);
  }

  async #story(): Promise<WorldResult> {
    const plan = this.#plan;
    const world = this.#world;
    await this.#serve();
    const weather = world.weather(plan.weather);
    let busy = plan.clients;
    for (let client = 0; client < plan.clients; client += 1) {
      this.#client().then(() => {
        busy -= 1;
      }, this.#fail);
    }
    this.#restart().catch(this.#fail);
    await world.sleep(plan.stormMs);
    weather.calm();
    const cuts = weather.cuts;
    this.#season.calm();
    // As after a change of networks: what was there is dead for ever, and nobody says so.
    if (this.#season.chance(0.3)) for (const cable of world.cables) cable.hold();
    await this.#season.until("everybody is at rest", calmMs + this.#backlogMs, () => {
      if (busy > 0) return "a client has no session";
      if (this.#isRestarting) return "the server restarts";
      for (const side of this.#sides) {
        const restless = side.restless;
        if (restless !== undefined && !this.#isOrphan(side)) {
          return `${restless}; at the other side ${this.#partner(side)?.description}`;
        }
      }
      return undefined;
    });
    await this.#idle();
    await this.#end();
    const hours = world.now() / 3_600_000;
    const { traceHash: hash, cables } = world;
    return { ...this.#sums, hash, kind: plan.kind, hours, cuts, cables: cables.joined };
  }

  /** At worst each message and each end goes by itself, with its acknowledgement and a credit before the next. */
  get #backlogMs(): number {
    let steps = 0;
    for (const side of this.#sides) steps += side.backlog;
    return steps * (this.#roundTripMs + 100);
  }

  get #roundTripMs(): number {
    const { latencyMs = 5 } = this.#plan.conditions;
    return 2 * (typeof latencyMs === "number" ? latencyMs : latencyMs[1]);
  }

  async #serve(): Promise<void> {
    const { limits, heartbeat, sessionTtlMs, drainMs } = this.#plan;
    const server = await serveSessions(
      endpoint,
      async (session) => {
        const side = this.#side(session, "server");
        const isBrief = this.#season.chance(0.1);
        if (isBrief) await this.#season.pause(this.#plan.lifeMs);
        if (!isBrief || !this.#season.isStorm) await side.released;
        // Then it is closed by the server.
        side.closing();
      },
      {
        ...this.#world.options,
        limits: limits.server,
        heartbeat: heartbeat.server,
        sessionTtlMs,
        drainMs,
        onError: this.#fail,
      },
    );
    this.#servers.push(server);
  }

  /** One session after the other; at last one that is left open. */
  async #client(): Promise<void> {
    const { limits, heartbeat, lifeMs, drainMs } = this.#plan;
    const season = this.#season;
    while (season.isStorm) {
      let session: Session;
      try {
        session = await openSession(endpoint, {
          ...this.#world.options,
          limits: limits.client,
          heartbeat: heartbeat.client,
          drainMs,
          timeoutMs: 3_000,
          retry: { totalMs: 60_000 },
        });
      } catch (error) {
        if (!(error instanceof SocketError)) throw error;
        if (error.code !== "ERR_TIMEOUT") throw error;
        continue;
      }
      const side = this.#side(session, "client");
      await Promise.race([session.closed, season.pause(lifeMs)]);
      if (!season.isStorm) return;
      if (season.chance(0.7)) side.close();
      else if (season.chance(0.3)) side.abort();
      else this.#partner(side)?.close();
      await Promise.race([session.closed, season.pause(lifeMs)]);
    }
  }

  async #restart(): Promise<void> {
    const { restartEveryMs } = this.#plan;
    if (restartEveryMs === Number.POSITIVE_INFINITY) return;
    for (;;) {
      await this.#season.pause(restartEveryMs);
      if (!this.#season.isStorm) return;
      this.#restarts += 1;
      this.#isRestarting = true;
      this.#world.crash(endpoint);
      await this.#season.pause(1_000);
      await this.#serve();
      this.#isRestarting = false;
    }
  }

  #side(session: Session, role: Role): Side {
    const { id } = session;
    let line = this.#lines.get(id);
    if (line === undefined) {
      line = new Line(`session ${this.#lines.size + 1}`, (name) => {
        this.#lanes += 1;
        return new Lane(this.#lanes, name);
      });
      this.#lines.set(id, line);
    }
    const side: Side = new Side({
      session,
      role,
      line,
      plan: this.#plan,
      season: this.#season,
      sums: this.#sums,
      mayFail: () => this.#mayFail(side),
      onFailure: this.#fail,
    });
    this.#sides.add(side);
    return side;
  }

  /** Whether there is a reason for it to end otherwise than in order. */
  #mayFail(side: Side): boolean {
    const { line } = side;
    // A session whose first ACK never came was never the server's application's, and is forgotten after 5 s.
    if (side.role === "client" && this.#partner(side) === undefined) return true;
    // A close may not be confirmed in time: in a storm, or where there is little time.
    if (line.isClosing && this.#plan.drainMs !== undefined) return true;
    if (this.#plan.mayExpire || this.#restarts > 0 || line.isAborted || line.isClosingInStorm) return true;
    // What waits for the credit of a reader that has stopped is given up after a while.
    return line.isStalled;
  }

  #partner({ line, role }: Side): Side | undefined {
    for (const side of this.#sides) if (side.line === line && side.role !== role) return side;
    return undefined;
  }

  /** Its other side has gone, or was never there, and it can only expire. */
  #isOrphan(side: Side): boolean {
    const partner = this.#partner(side);
    return side.role === "server" && (partner === undefined || partner.isOver);
  }

  /** While nobody says anything, no link may be taken for dead. */
  async #idle(): Promise<void> {
    // A link that has died unseen is noticed first.
    await this.#world.sleep(deadMs);
    const idle = [...this.#sides].filter((side) => !side.isOver && !this.#isOrphan(side));
    const links = idle.map(({ session }) => session.stats.links);
    await this.#world.sleep(idleMs);
    // A process that stalls asks first; the answer has a quarter of the shortest `deadAfterMs`.
    if (this.#roundTripMs < 300) this.#world.clock.jump(3_000);
    await this.#world.sleep(idleMs);
    idle.forEach(({ session, line }, index) => {
      if (session.stats.links !== links[index])
        throw new Error(`${line.id} has lost its link, which was sound`);
    });
  }

  /** Cuts links while sessions are being closed over them. */
  async #cutCloses(): Promise<void> {
    const { random, cables } = this.#world;
    for (let cut = 0; cut < 12; cut += 1) {
      // About as long as a word and its answer take.
      await this.#world.sleep(random() * 1.5 * this.#roundTripMs);
      cables.any(random)?.reset();
    }
  }

  async #end(): Promise<void> {
    const world = this.#world;
    const season = this.#season;
    // Those that have an end coming already are not counted on.
    const calm = new Set([...this.#sides].filter((side) => !side.isOver && !side.line.isClosing));
    const byDrain = season.chance(0.3);
    for (const side of this.#sides) {
      if (!byDrain && season.chance(0.5)) side.close();
      else if (side.role === "server") side.release();
    }
    const cutting = season.chance(0.7) ? this.#cutCloses() : undefined;
    const drained = Promise.all(
      this.#servers.map((server) => (byDrain ? server.drain({ deadlineMs: endMs }) : undefined)),
    );
    const lost = this.#plan.sessionTtlMs ?? 120_000;
    await season.until("every session is over", endMs + lost, () => {
      for (const side of this.#sides) if (!side.isOver) return `${side.line.id} is not, at the ${side.role}`;
      return undefined;
    });
    await cutting;
    await drained;
    await Promise.all(this.#servers.map((server) => server.drain()));
    await season.until("nothing is left behind", endMs, () => {
      if (world.cables.size > 0) return `${world.cables.size} cables`;
      for (const { stats } of this.#servers) {
        if (stats.sessions + stats.detached > 0) return `${stats.sessions} sessions in the registry`;
      }
      return world.clock.pending > 0 ? `${world.clock.pending} timers` : undefined;
    });
    for (const side of this.#sides) side.line.judge(side.role, calm.has(side));
  }
}
