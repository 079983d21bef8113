// The experiment with life: a connection from listen to close, step by step as the learner says, both sides in view.
// Invariant: a step that cannot be done is answered in plain words and changes nothing.

import { connect } from "../../connection/connect.js";
import { listen } from "../../connection/listen.js";
import { SocketError } from "../../core/errors.js";
import { limits } from "../../core/limits.js";
import { lines } from "../../protocol/framing/lines.js";
import { fillBacklog } from "./backlog.js";
import type { LifeEvents, LifeOrder, LifeStep } from "./messages.js";
import { isLifeStep, quoted } from "./orders.js";
import { type Emit, type LabContext, type Run, runExperiment } from "./run.js";
import { type Side, Stage } from "./stage.js";

/** How long a step may wait for what it should bring about, on a machine that has other things to do. */
const seenMs = 2_000;

/** Runs it: the order's steps, and then those by hand until there are no more. */
export function runLife(order: LifeOrder, emit: Emit<"life">, context: LabContext = {}): Promise<void> {
  return runExperiment("life", emit, context, async (run) => {
    const life = new Life(run);
    await life.begin();
    for (const step of order.steps) await life.do(step);
    if (context.steps !== undefined) {
      let left = limits.labStepsMax;
      for await (const step of whileRunning(context.steps, run.signal)) {
        await life.do(step);
        left -= 1;
        if (left === 0) break;
      }
    }
    await life.end();
  });
}

/** Why a step cannot be done now. */
class NotNow extends Error {}

class Life {
  readonly #run: Run<"life">;
  readonly #stage: Stage;
  #sent = 0;

  constructor(run: Run<"life">) {
    this.#run = run;
    this.#stage = new Stage(run);
  }

  begin(): Promise<void> {
    return this.#stage.stands("began", "no socket yet: begin with listen");
  }

  end(): Promise<void> {
    return this.#stage.stands("ended", "the experiment is over; what is still open is closed now");
  }

  async do(step: unknown): Promise<void> {
    const name = isLifeStep(step) ? step : quoted(step);
    try {
      if (!isLifeStep(step)) throw new NotNow("there is no such step");
      const text = await this.#steps[step]();
      await this.#stage.settle();
      await this.#stage.happened("lab", `${step}: ${text}`, step);
    } catch (error) {
      if (this.#run.signal.aborted) throw error;
      // What a socket says to a step is an answer too.
      if (!(error instanceof NotNow || error instanceof SocketError)) throw error;
      await this.#stage.refused(name, `${name}: ${error.message}`);
    }
  }

  readonly #steps: { readonly [Step in LifeStep]: () => Promise<string> } = {
    listen: async () => {
      const stage = this.#stage;
      if (stage.listener !== undefined)
        throw new NotNow("it listens already; one listener takes any number of connections");
      const listener = await listen("tcp://127.0.0.1:0", { framing: lines(), observer: stage.onServer });
      this.#run.keep(() => listener.close());
      stage.listener = listener;
      return `${listener.endpoint} is bound and listens: an address and a port that others can call`;
    },
    connect: async () => {
      const stage = this.#stage;
      const { listener, client, server } = stage;
      if (listener === undefined)
        throw new NotNow("nobody listens yet, so there is no number to call; listen first");
      if (client.state !== "none" && client.state !== "closed")
        throw new NotNow("the client is connected already; a socket connects once");
      if (server.state !== "none" && server.state !== "closed") {
        throw new NotNow(
          "the server still has its end of the first connection; accept it if it waits, and close it",
        );
      }
      stage.renew();
      const connection = await connect(listener.endpoint, {
        framing: lines(),
        observer: stage.onClient,
        signal: this.#run.signal,
      });
      stage.take("client", connection);
      await this.#seen(() => server.state !== "none");
      return `${connection.local} is connected, though nobody has called accept: the kernels shake hands by themselves`;
    },
    accept: async () => {
      const { listener, server } = this.#stage;
      if (listener === undefined) throw new NotNow("there is no listener to accept from; listen first");
      if (server.connection !== undefined || server.state === "none") {
        throw new NotNow("accept would wait here: nobody has connected that is not accepted yet");
      }
      const connection = await listener.accept({ signal: this.#run.signal });
      if (connection === undefined) throw new NotNow("the listener has closed");
      this.#stage.take("server", connection);
      return `the server has a socket of its own for ${connection.remote}; the listener goes on listening`;
    },
    "client-sends": () => this.#send("client"),
    "server-replies": () => this.#send("server"),
    "client-ends": () => this.#end("client"),
    "server-ends": () => this.#end("server"),
    "client-closes": () => this.#close("client"),
    "server-closes": () => this.#close("server"),
    "client-resets": async () => {
      const { connection, state } = this.#connected("client");
      if (state === "closed") throw new NotNow("the client has closed already");
      connection.abort("reset here");
      const { server } = this.#stage;
      await this.#seen(() => this.#stage.client.state === "closed");
      if (server.connection !== undefined) await this.#seen(() => server.state === "closed");
      return "the client let go at once (RST): whatever was under way is gone, and the other side gets an error, no end";
    },
    "fill-backlog": async () => {
      await this.#run.tell("lab", "backlog", ...(await this.#backlog()));
      return "the listener that did not accept, and all who called it, are gone again";
    },
  };

  async #send(from: "client" | "server"): Promise<string> {
    const to = from === "client" ? "server" : "client";
    const { connection, state } = this.#connected(from);
    if (state === "closed" || state === "ended-here") {
      throw new NotNow(`the ${from} has ended: after FIN nothing more can be sent from this side`);
    }
    this.#sent += 1;
    const line = `${from === "client" ? "hello" : "reply"} ${this.#sent}`;
    await connection.send(line);
    const other = this.#stage[to];
    if (other.connection === undefined)
      return `sent ${JSON.stringify(line)}; it waits in the kernel until the server accepts and reads`;
    const arrived = await this.#seen(
      () => other.heard.includes(line) || other.state === "closed" || this.#stage[from].state === "closed",
    );
    if (arrived && other.heard.includes(line))
      return `sent ${JSON.stringify(line)}, and the ${to} has read it`;
    return `sent ${JSON.stringify(line)}: send took it, yet the ${to} never read it`;
  }

  async #end(side: "client" | "server"): Promise<string> {
    const { connection, state } = this.#connected(side);
    if (state === "closed" || state === "ended-here") throw new NotNow(`the ${side} has ended already`);
    await connection.end();
    const other = this.#stage[side === "client" ? "server" : "client"];
    if (other.connection !== undefined) await this.#seen(() => other.state !== "open");
    if (state === "ended-there") return "the second half is closed too, so the connection is over";
    return "half-closed: this direction has ended, the other goes on";
  }

  async #close(side: "client" | "server"): Promise<string> {
    const { connection, state } = this.#connected(side);
    if (state === "closed") throw new NotNow(`the ${side} has closed already`);
    // Not awaited: it waits for the other side's end, which may be the next step.
    void connection.close();
    const here = this.#stage[side];
    await this.#seen(() => here.state === "closed" || here.state === "ended-here");
    const other = this.#stage[side === "client" ? "server" : "client"];
    if (other.connection !== undefined) await this.#seen(() => other.state !== "open");
    if (here.state === "closed") return "both sides have ended: the connection is over";
    return "what was sent is out, and the end behind it; now it waits a while for the other side's end";
  }

  #connected(side: "client" | "server"): Side & { readonly connection: NonNullable<Side["connection"]> } {
    const { connection, state, ...rest } = this.#stage[side];
    if (connection !== undefined) return { ...rest, state, connection };
    if (side === "client") throw new NotNow("the client is not connected; connect first");
    throw new NotNow("the server has no connection to do this with; it must accept one first");
  }

  /** What a step brings about at the other side takes its way; false if it did not come. */
  #seen(look: () => boolean): Promise<boolean> {
    return this.#run.until(look, seenMs);
  }

  async #backlog(): Promise<[text: string, data: LifeEvents["backlog"]]> {
    const data = await fillBacklog(this.#run);
    const { backlog, tried, open, unanswered, queued } = data;
    const held = queued === undefined ? "" : ` The kernel holds ${queued} for it.`;
    const text =
      `a listener with a backlog of ${backlog} that never accepts: of ${tried} that connected, ${open} were let in all the ` +
      `same, by the kernel, and ${unanswered} had no answer until they gave up.${held}`;
    return [text, data];
  }
}

/** The steps, as long as the run goes on: whoever waits for a learner must not outlive an abort. */
async function* whileRunning(
  steps: AsyncIterable<unknown>,
  signal: AbortSignal,
): AsyncGenerator<unknown, void> {
  const iterator = steps[Symbol.asyncIterator]();
  let stop = () => {};
  const stopped = new Promise<{ readonly done: true }>((resolve) => {
    stop = () => resolve({ done: true });
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), stopped]);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener("abort", stop);
    // Not awaited: a generator returns only once what it waits for has come.
    void iterator.return?.()?.catch(() => {});
  }
}
