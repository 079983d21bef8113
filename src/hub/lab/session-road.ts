// Numbered messages both ways over a session, whose link goes through a relay.

import type { LifecycleEvent } from "../../core/lifecycle.js";
import { json } from "../../protocol/encoding/json.js";
import { openSession, serveSessions } from "../../session/index.js";
import type { Session } from "../../session/session.js";
import type { CutCounts, CutResult, SessionCounts } from "./messages.js";
import { Relay } from "./relay.js";
import type { Run } from "./run.js";
import { Tally } from "./tally.js";

/** Short enough that nobody waits for it; in earnest it is seconds. Long enough for a machine that is busy. */
export const heartbeat = { pingAfterMs: 200, deadAfterMs: 600 } as const;
/** What is on its way when the last message is sent has this long; far more than a redial takes. */
const arriveMs = 20_000;

type Numbers = Session<number>;

export class SessionRoad {
  readonly relay: Relay;
  readonly #run: Run<"cut">;
  readonly #client: Numbers;
  readonly #server: Numbers;
  readonly #up: Tally;
  readonly #down = new Tally();

  private constructor(run: Run<"cut">, relay: Relay, ends: Ends, up: Tally) {
    this.#run = run;
    this.relay = relay;
    this.#client = ends.client;
    this.#server = ends.server;
    this.#up = up;
    void this.#read();
  }

  static async open(run: Run<"cut">): Promise<SessionRoad> {
    const up = new Tally();
    let onServer: (session: Numbers) => void = () => {};
    const arriving = new Promise<Numbers>((resolve) => {
      onServer = resolve;
    });
    const options = { encoding: json<number>(), heartbeat };
    const server = await serveSessions(
      "tcp://127.0.0.1:0",
      async (session) => {
        onServer(session);
        for await (const number of session) up.came(number);
      },
      // Its end is the experiment's own.
      { ...options, onError: () => {} },
    );
    run.keep(() => server.drain({ deadlineMs: 0 }));
    const relay = await Relay.open(run, server.endpoint);
    const client = await openSession(relay.endpoint, {
      ...options,
      signal: run.signal,
      observer: (event) => tellOf(run, event),
    });
    run.keep(() => client.abort());
    return new SessionRoad(run, relay, { client, server: await arriving }, up);
  }

  /** The next number, both ways. */
  post(number: number): void {
    this.#send(this.#client, this.#up, number);
    this.#send(this.#server, this.#down, number);
  }

  /** Resolves once all has arrived, and the session is closed in order. */
  async finish(): Promise<void> {
    const all = () => [this.#up, this.#down].every(({ sent, arrived }) => arrived === sent);
    await this.#run.until(all, arriveMs);
    await this.#client.close();
  }

  get counts(): CutCounts["session"] {
    return {
      client: countsOf(this.#client, this.#up, this.#down),
      server: countsOf(this.#server, this.#down, this.#up),
    };
  }

  get result(): CutResult["session"] {
    return { up: this.#up.score, down: this.#down.score, links: this.#client.stats.links };
  }

  #send(from: Numbers, tally: Tally, number: number): void {
    from.send(number).then(
      () => {
        tally.sent += 1;
      },
      // Then it was not sent, and does not count.
      () => {},
    );
  }

  async #read(): Promise<void> {
    try {
      for await (const number of this.#client) this.#down.came(number);
    } catch {
      // The experiment was aborted.
    }
  }
}

interface Ends {
  readonly client: Numbers;
  readonly server: Numbers;
}

function countsOf({ stats, state }: Numbers, sending: Tally, receiving: Tally): SessionCounts {
  return {
    state: state.name,
    sent: sending.sent,
    arrived: receiving.arrived,
    link: stats.links,
    outboxBytes: stats.unacknowledgedBytes,
    unacknowledged: stats.sentSeq - stats.acknowledgedSeq,
    seq: stats.sentSeq,
    acknowledgedSeq: stats.acknowledgedSeq,
    receivedSeq: stats.receivedSeq,
  };
}

function tellOf(run: Run<"cut">, { kind, name, reason = "" }: LifecycleEvent): void {
  if (kind !== "session") return;
  if (name === "resuming") {
    const text = `the session has no link (${reason}) and dials again; what is sent waits in the outbox`;
    void run.tell("client", "resuming", text, { reason }).catch(() => {});
  }
  if (name === "resumed") {
    const text = "the session goes on over a new link: each side said what it has, the rest is sent again";
    void run.tell("client", "resumed", text, {}).catch(() => {});
  }
}
