// The same numbered messages over a plain connection, with the loop that most programs have: when it breaks, connect
// again and go on with the next message.

import { connect } from "../../connection/connect.js";
import type { Connection } from "../../connection/connection.js";
import { serve } from "../../connection/serve.js";
import { json } from "../../protocol/encoding/json.js";
import { lines } from "../../protocol/framing/lines.js";
import type { CutCounts, CutResult } from "./messages.js";
import { Relay } from "./relay.js";
import type { Run } from "./run.js";
import { Tally } from "./tally.js";

type Numbers = Connection<number>;

/** Half a number would be another number. */
const format = { framing: lines({ last: "error" }), encoding: json<number>() };
/** Silence after which nothing more is expected: on the loopback an eternity. */
const quietMs = 500;
const finishMs = 10_000;

/** One direction: what is to be sent, over whatever connection there is. */
class Lane {
  readonly tally: Tally = new Tally();
  lastAt: number = performance.now();
  readonly #waiting: number[] = [];
  #over: Numbers | undefined;

  use(connection: Numbers | undefined): void {
    this.#over = connection;
    this.#flush();
  }

  post(number: number): void {
    this.#waiting.push(number);
    this.#flush();
  }

  came(number: number): void {
    this.lastAt = performance.now();
    this.tally.came(number);
  }

  #flush(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#over?.trySend(next) !== true) return;
      this.#waiting.shift();
      this.tally.sent += 1;
    }
  }
}

export class PlainRoad {
  readonly relay: Relay;
  readonly #run: Run<"cut">;
  readonly #up: Lane;
  readonly #down: Lane;
  #connections = 0;
  #isOver = false;

  private constructor(run: Run<"cut">, relay: Relay, up: Lane, down: Lane) {
    this.#run = run;
    this.relay = relay;
    this.#up = up;
    this.#down = down;
  }

  static async open(run: Run<"cut">): Promise<PlainRoad> {
    const [up, down] = [new Lane(), new Lane()];
    const server = await serve(
      "tcp://127.0.0.1:0",
      async (connection) => {
        down.use(connection);
        for await (const number of connection) up.came(number);
      },
      // A connection that breaks is what is shown here.
      { ...format, onError: () => {} },
    );
    run.keep(() => server.drain({ deadlineMs: 0 }));
    const relay = await Relay.open(run, server.endpoint);
    const road = new PlainRoad(run, relay, up, down);
    void road.#read(await road.#dial());
    return road;
  }

  /** The next number, both ways. */
  post(number: number): void {
    this.#up.post(number);
    this.#down.post(number);
  }

  /** Resolves once all has arrived, or nothing comes any more. */
  async finish(): Promise<void> {
    const lanes = [this.#up, this.#down];
    const all = () => lanes.every(({ tally }) => tally.arrived === tally.sent);
    const quiet = () => lanes.every(({ lastAt }) => performance.now() - lastAt > quietMs);
    await this.#run.until(() => all() || quiet(), finishMs);
    this.#isOver = true;
  }

  get counts(): CutCounts["plain"] {
    const [up, down] = [this.#up.tally, this.#down.tally];
    const link = this.#connections;
    return {
      client: { sent: up.sent, arrived: down.arrived, link },
      server: { sent: down.sent, arrived: up.arrived, link },
    };
  }

  get result(): CutResult["plain"] {
    return { up: this.#up.tally.score, down: this.#down.tally.score, links: this.#connections };
  }

  async #dial(): Promise<Numbers> {
    const connection = await connect(this.relay.endpoint, { ...format, signal: this.#run.signal });
    this.#run.keep(() => connection.abort());
    this.#connections += 1;
    this.#up.use(connection);
    return connection;
  }

  /** Reads, and connects again whenever it has ended. */
  async #read(first: Numbers): Promise<void> {
    try {
      for (let connection = first; ; connection = await this.#redial(connection)) {
        try {
          for await (const number of connection) this.#down.came(number);
        } catch {
          // Why is in `closed`.
        }
        if (this.#isOver || this.#run.signal.aborted) return;
      }
    } catch {
      // The experiment was aborted, or is over and its relay gone.
    }
  }

  async #redial(broken: Numbers): Promise<Numbers> {
    this.#up.use(undefined);
    await broken.close();
    const { reason } = await broken.closed;
    const lost = `the plain connection is gone (${reason}); nobody knows what of the last messages has arrived`;
    void this.#run.tell("client", "lost", lost, { reason });
    const next = await this.#dial();
    const connection = this.#connections;
    const again = "a new connection, which knows nothing of the old one; it goes on with the next message";
    void this.#run.tell("client", "redialled", again, { connection });
    return next;
  }
}
