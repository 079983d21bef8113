// Many connections and one terminal: all that anyone sends goes to stdout, stdin goes to everyone.
// Invariant: stdin is read only while somebody is there to hear it, at the pace of the slowest; but whoever makes
// no room for ten seconds is cut, so one that does not read holds up the others no longer than that.

import { type Clock, type Connection, systemClock, TimeoutError } from "../../index.js";
import { ConnectionEnd } from "./connection-end.js";
import { copy, rethrow, type Tap } from "./end.js";
import type { Format } from "./format.js";
import { OutputClosed } from "./stdout.js";
import type { Taps } from "./talk.js";
import type { Terminal } from "./terminal.js";

/** How long everyone waits for one. A kernel's buffer lies between, so a peer that reads at all is far quicker. */
const patienceMs = 10_000;

export class Audience {
  readonly #terminal: Terminal;
  readonly #format: Format;
  readonly #clock: Clock;
  readonly #listening = new Map<ConnectionEnd, readonly Tap[]>();
  #stdinEnded = false;
  #onArrival: (() => void) | undefined;

  constructor(terminal: Terminal, format: Format, clock: Clock = systemClock) {
    this.#terminal = terminal;
    this.#format = format;
    this.#clock = clock;
  }

  /** Sends stdin to everyone, for as long as it goes on. @throws what is wrong with stdin. */
  async address(): Promise<void> {
    for (;;) {
      if (this.#listening.size === 0) await new Promise<void>((resolve) => (this.#onArrival = resolve));
      const chunk = await this.#terminal.read();
      if (chunk === undefined) break;
      await Promise.all([...this.#listening].map(([end, taps]) => this.#say(end, taps, chunk)));
    }
    this.#stdinEnded = true;
    for (const end of this.#listening.keys()) void end.end().catch(ignore);
  }

  /** One more, until it ends. @throws what cut it short; OutputClosed when nobody reads what it says. */
  async attend(connection: Connection, taps: Taps): Promise<void> {
    const end = new ConnectionEnd(connection, this.#format);
    if (this.#stdinEnded) void end.end().catch(ignore);
    else this.#listening.set(end, taps.sent);
    this.#onArrival?.();
    try {
      // The end of one is not the end of stdout.
      rethrow(await copy(end, { ...this.#terminal, end: async () => {} }, taps.received));
      await connection.close();
    } catch (error) {
      connection.abort(error instanceof OutputClosed ? "nobody reads stdout" : error);
      throw error;
    } finally {
      this.#listening.delete(end);
    }
  }

  /** Resolves once it has taken the chunk, or is lost, which its own `attend` tells. */
  async #say(end: ConnectionEnd, taps: readonly Tap[], chunk: Uint8Array): Promise<void> {
    for (const tap of taps) tap(chunk);
    const timer = this.#clock.setTimer(() => {
      const reason = `it made no room for ${patienceMs / 1_000} s, while others waited`;
      end.connection.abort(new TimeoutError(patienceMs, reason));
    }, patienceMs);
    await end.write(chunk).catch(ignore);
    this.#clock.clearTimer(timer);
  }
}

function ignore(): void {}
