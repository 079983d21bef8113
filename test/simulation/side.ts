// What one end of a session does in a campaign: it sends, reads, opens, ends and aborts by chance, and tells the checker.
// Invariant: each message goes through its lane on its way in and on its way out.

import { Session } from "../../src/session/session.js";
import type { SessionStream } from "../../src/session/stream.js";
import type { Lane } from "./lane.js";
import { type Line, other, type Role } from "./line.js";
import type { Plan } from "./plan.js";
import type { Season } from "./season.js";

type Target = Pick<Session, "send" | "trySend" | "receive">;

/** Of all sides of a world. */
export interface Sums {
  messages: number;
  streams: number;
  sessions: number;
  resumes: number;
}

export interface SideParts {
  readonly session: Session;
  readonly role: Role;
  readonly line: Line;
  readonly plan: Plan;
  readonly season: Season;
  readonly sums: Sums;
  /** Whether there is a reason why this session may end otherwise than in order. */
  readonly mayFail: () => boolean;
  /** Something has happened that must not. */
  readonly onFailure: (error: unknown) => void;
}

export class Side {
  readonly session: Session;
  readonly role: Role;
  readonly line: Line;
  readonly #parts: SideParts;
  /** What is under way, by name. */
  readonly #works = new Map<number, string>();
  #workCount = 0;
  #opened = 0;
  /** It was closed or aborted here: what is unread is discarded. */
  isClosing = false;
  isOver = false;
  /** Server: until then its handler goes on. */
  readonly released: Promise<void>;
  #release: () => void = () => {};

  constructor(parts: SideParts) {
    this.#parts = parts;
    this.session = parts.session;
    this.role = parts.role;
    this.line = parts.line;
    parts.sums.sessions += 1;
    this.released = new Promise((resolve) => {
      this.#release = resolve;
    });
    const { session, line, role } = this;
    this.#work("closed", async () => {
      const report = await session.closed;
      // What was taken at the same moment settles first.
      await new Promise((resolve) => void setImmediate(resolve));
      this.isOver = true;
      this.#release();
      parts.sums.resumes += session.stats.links - 1;
      line.closed(role, report, parts.mayFail());
    });
    this.#work("main", () => this.#produce(session, line.lane(role, ""), Number.POSITIVE_INFINITY));
    this.#work("reader", () => this.#read(session, line.lane(other(role), "")));
    this.#work("opener", () => this.#open());
    this.#work("acceptor", () => this.#accept());
    this.#work("flusher", () => this.#flush());
    this.#work("watch", () => this.#watch());
  }

  close(): void {
    this.closing();
    void this.session.close();
  }

  /** It is about to be closed here. */
  closing(): void {
    this.isClosing = true;
    this.line.isClosing = true;
    if (this.#parts.season.isStorm) this.line.isClosingInStorm = true;
  }

  /** Its handler returns, which closes it. */
  release(): void {
    this.#release();
  }

  abort(): void {
    this.isClosing = true;
    this.line.isAborted = true;
    this.session.abort("by chance");
  }

  /** Messages under way, and ends to come. */
  get backlog(): number {
    let messages = 0;
    for (const { outstanding } of this.line.lanes(this.role)) messages += outstanding;
    return messages + 4 * this.#works.size;
  }

  /** What has not come to rest; undefined if all has. */
  get restless(): string | undefined {
    if (this.isOver) return undefined;
    const lanes = [...this.line.lanes(this.role)];
    const stalled = this.line.isStalled;
    const lane = lanes.find(
      ({ outstanding, isStalled, isGivenUp, isOpening }) =>
        outstanding > 0 && !isStalled && !isGivenUp && !(isOpening && stalled),
    );
    const { state, stats } = this.session;
    if (lane !== undefined) {
      return `${lane.name} has ${lane.outstanding} messages under way; ${this.description}`;
    }
    if (state.name !== "open") return `${this.line.id} is ${state.name} at the ${this.role}: ${state.why}`;
    // Who waits for a place among stalled streams waits for ever.
    if (stalled) return undefined;
    if (stats.streams > 0) return `${this.line.id} has ${stats.streams} streams at the ${this.role}`;
    if (stats.unacknowledgedBytes > 0) return `${this.line.id} has unacknowledged bytes at the ${this.role}`;
    const busy = [...this.#works.values()].find((name) => !idle.includes(name));
    return busy === undefined ? undefined : `${this.line.id}: ${busy} goes on at the ${this.role}`;
  }

  /** How it is, for a failure. */
  get description(): string {
    const { state, stats } = this.session;
    const works = [...new Set(this.#works.values())].filter((name) => !idle.includes(name)).slice(0, 10);
    return JSON.stringify({ role: this.role, isClosing: this.isClosing, ...stats, ...state, works });
  }

  /** Bounds that hold at any time. */
  check(): void {
    const { machine } = Session.core(this.session).pump;
    const {
      outboxBytesMax = 4_194_304,
      streamCreditBytes = 262_144,
      mainCreditBytes = 1_048_576,
    } = this.#parts.plan.limits[this.role];
    if (machine.outboxBytes > outboxBytesMax)
      throw new Error(`${this.line.id}: ${machine.outboxBytes} in the outbox`);
    for (const flow of machine.streams) {
      const credit = flow.id === 0 ? mainCreditBytes : streamCreditBytes;
      // A header for each message, which costs 64 bytes at least.
      const bytesMax = credit * (1 + 12 / 64) + 12;
      if (flow.input.size > bytesMax) {
        throw new Error(
          `${this.line.id}: ${flow.input.size} unread bytes on stream ${flow.id}, ${credit} are allowed`,
        );
      }
    }
  }

  #work(name: string, run: () => Promise<void>): void {
    this.#workCount += 1;
    const id = this.#workCount;
    this.#works.set(id, name);
    run().then(() => this.#works.delete(id), this.#parts.onFailure);
  }

  async #watch(): Promise<void> {
    const { season } = this.#parts;
    while (season.isStorm && !this.isOver) {
      await season.pause(this.#parts.plan.pauseMs);
      this.check();
      if (season.chance(0.02)) this.session.cutLink();
    }
  }

  async #flush(): Promise<void> {
    const { season, plan } = this.#parts;
    while (season.isStorm && !this.isOver) {
      await season.pause(plan.pauseMs * 5);
      // A stalled lane would hold it up for ever.
      if ([...this.line.lanes(this.role)].some(({ isStalled }) => isStalled)) continue;
      const succeeded = this.line.flushing(this.role);
      const stop = new AbortController();
      const timer = season.world.clock.setTimer(() => stop.abort(), season.random() * 20_000);
      await this.session.flush({ signal: stop.signal }).then(succeeded, () => {});
      season.world.clock.clearTimer(timer);
    }
  }

  /** Sends bursts until it is calm, its count is sent, or the lane takes no more. */
  async #produce(target: Target, lane: Lane, count: number): Promise<void> {
    const { season, plan } = this.#parts;
    for (let sent = 0; sent < count && season.isStorm && !this.isOver && !lane.isGivenUp; ) {
      const burst = Math.min(count - sent, 1 + Math.floor(season.random() * plan.burst));
      const sends: Promise<void>[] = [];
      for (let index = 0; index < burst; index += 1) sends.push(this.#send(target, lane));
      await Promise.all(sends);
      sent += burst;
      if (sent < count) await season.pause(plan.pauseMs);
    }
  }

  async #send(target: Target, lane: Lane): Promise<void> {
    const { season, sums } = this.#parts;
    const { bytes, settle } = lane.call(this.#size());
    sums.messages += 1;
    if (season.chance(0.2)) return settle(target.trySend(bytes));
    const isImpatient = season.chance(0.05);
    const stop = new AbortController();
    const timer = isImpatient
      ? season.world.clock.setTimer(() => stop.abort(), season.random() * 2_000)
      : undefined;
    const isTaken = await target.send(bytes, isImpatient ? { signal: stop.signal } : {}).then(
      () => true,
      () => false,
    );
    season.world.clock.clearTimer(timer);
    settle(isTaken);
  }

  #size(): number {
    const { season, plan } = this.#parts;
    const { messageBytesMax } = Session.core(this.session);
    const most = Math.min(messageBytesMax, plan.largestBytes);
    const edges = [0, 1, 63, 64, 65, most];
    const edge = season.chance(most > 20_000 ? 0.02 : 0.2)
      ? edges[Math.floor(season.random() * edges.length)]
      : undefined;
    return Math.min(most, edge ?? Math.floor(season.random() * (plan.usualBytes + 1)));
  }

  async #read(target: Target, lane: Lane): Promise<void> {
    const { season, plan } = this.#parts;
    const stallsAt = season.chance(plan.stalls) ? Math.floor(season.random() * 20) : Number.POSITIVE_INFINITY;
    for (let read = 0; ; read += 1) {
      if (read >= stallsAt) {
        lane.isStalled = true;
        return;
      }
      if (season.chance(plan.pauses)) await season.pause(plan.pauseMs * 5);
      let message: Uint8Array | undefined;
      try {
        message = await target.receive();
      } catch (error) {
        if (!lane.isGivenUp && !this.isClosing && this.session.state.name !== "closed") throw error;
        return;
      }
      if (message === undefined) {
        if (!this.isClosing) lane.end();
        return;
      }
      lane.deliver(message);
    }
  }

  async #open(): Promise<void> {
    const { season, plan } = this.#parts;
    const { streamsMax } = this.#parts.plan.limits[other(this.role)];
    if (streamsMax === 0) return;
    while (season.isStorm && !this.isOver) {
      await season.pause(plan.streamEveryMs);
      if (season.isStorm) this.#work("stream", () => this.#openOne());
    }
  }

  async #openOne(): Promise<void> {
    const { season, sums } = this.#parts;
    this.#opened += 1;
    const name = `${this.role === "client" ? "c" : "s"}${this.#opened}`;
    const lane = this.line.lane(this.role, name);
    const first = season.chance(0.5) ? lane.call(this.#size()) : undefined;
    const isEnded = season.chance(0.2);
    lane.isOpening = true;
    const stop = new AbortController();
    const timer = season.chance(0.1)
      ? season.world.clock.setTimer(() => stop.abort(), season.random() * 1_000)
      : undefined;
    let stream: SessionStream;
    try {
      stream = await this.session.open(name, {
        ...(season.chance(0.3) ? { metadata: { n: this.#opened } } : {}),
        ...(first === undefined ? {} : { message: first.bytes }),
        end: isEnded,
        signal: stop.signal,
      });
    } catch {
      first?.settle(false);
      lane.isGivenUp = true;
      return;
    } finally {
      lane.isOpening = false;
      season.world.clock.clearTimer(timer);
    }
    first?.settle(true);
    sums.streams += 1;
    if (isEnded) lane.isEnded = true;
    this.#use(stream, isEnded);
  }

  async #accept(): Promise<void> {
    for await (const stream of this.session.streams()) {
      const isAborted = this.#parts.season.chance(0.05);
      if (isAborted) this.#abortStream(stream);
      else this.#use(stream, false);
    }
  }

  /** Both directions of one stream, until both have ended. */
  #use(stream: SessionStream, isEnded: boolean): void {
    const { season } = this.#parts;
    const lane = this.line.lane(this.role, stream.name);
    this.#work(`reader of ${stream.name}`, () =>
      this.#read(stream, this.line.lane(other(this.role), stream.name)),
    );
    this.#work(`sender of ${stream.name}`, async () => {
      if (!isEnded) await this.#produce(stream, lane, Math.floor(season.random() * 10));
      if (season.chance(0.1)) await season.pause(this.#parts.plan.pauseMs * 5);
      if (season.chance(0.15)) this.#abortStream(stream);
      else if (season.chance(0.1)) await this.#closeStream(stream, lane);
      else if (!isEnded) await this.#endStream(stream, lane);
    });
  }

  #abortStream(stream: SessionStream): void {
    // Where both directions have ended, it is too late for the other side to hear of it; else nobody counts on them.
    for (const from of ["client", "server"] as const) this.line.lane(from, stream.name).isGivenUp = true;
    stream.abort("by chance");
  }

  async #closeStream(stream: SessionStream, lane: Lane): Promise<void> {
    this.line.lane(other(this.role), stream.name).isGivenUp = true;
    lane.isEnded = true;
    await stream.close();
  }

  async #endStream(stream: SessionStream, lane: Lane): Promise<void> {
    const last = this.#parts.season.chance(0.5) ? lane.call(this.#size()) : undefined;
    if (last !== undefined) this.#parts.sums.messages += 1;
    try {
      await (last === undefined ? stream.end() : stream.end(last.bytes));
      last?.settle(true);
      lane.isEnded = true;
    } catch {
      last?.settle(false);
      // Refused, as too many wait, or its stream or session is over: nobody would ever end it.
      this.#abortStream(stream);
    }
  }
}

/** What goes on in a session at rest. */
const idle = ["closed", "reader", "acceptor", "main", "opener", "flusher", "watch"];
