// Three sockets whose life is watched: a listener, a client, and the server's end of the client's connection.
// Invariant: how a socket stands is what our life-cycle events and the kernel have said, never what a step should do.

import type { Connection } from "../../connection/connection.js";
import type { Listener } from "../../connection/listen.js";
import { parseEndpoint } from "../../core/endpoint.js";
import type { LifecycleEvent, LifecycleObserver } from "../../core/lifecycle.js";
import { type KernelSocket, kernelSockets } from "./kernel.js";
import type { LifeSides, LifeStep, SocketView } from "./messages.js";
import type { Run } from "./run.js";

type SideName = "client" | "server";
type State = SocketView["state"];

export interface Side {
  state: State;
  local: string | undefined;
  remote: string | undefined;
  /** The other side's FIN has come. */
  hasHeardEnd: boolean;
  connection: Connection<string> | undefined;
  /** Lines that it has read so far. */
  readonly heard: string[];
}

/** States that a healthy socket passes through in no time. */
const passing: readonly string[] = ["SYN_SENT", "SYN_RECV", "FIN_WAIT1", "LAST_ACK", "CLOSING"];
const looksMax = 20;
const lookEveryMs = 20;

export class Stage {
  readonly client: Side = newSide();
  readonly server: Side = newSide();
  listenerState: State = "none";
  listener: Listener<string> | undefined;
  readonly #run: Run<"life">;
  /** Reading the kernel's tables takes a while: events are told in their order all the same. */
  #telling: Promise<void> = Promise.resolve();
  #looking: Promise<unknown> | undefined;

  constructor(run: Run<"life">) {
    this.#run = run;
    // A table that is being read is a file that is open.
    run.keep(() => this.#looking);
  }

  /** For `connect`. */
  readonly onClient: LifecycleObserver = (event) => this.#on("client", event);

  /** For `listen`: events of the listener, and of what it accepts. */
  readonly onServer: LifecycleObserver = (event) => {
    if (event.kind !== "listener") return this.#on("server", event);
    if (event.name !== "listening" && event.name !== "closed") return;
    this.listenerState = event.name;
  };

  /** A new connection takes the place of one that has closed. */
  renew(): void {
    for (const side of [this.client, this.server]) Object.assign(side, newSide());
  }

  /** Its lines are read from now on, as a program would. */
  take(name: SideName, connection: Connection<string>): void {
    this.#run.keep(() => connection.abort());
    this[name].connection = connection;
    void this.#read(name, connection);
  }

  /** Tells it with how all three stand. Resolves once it is told. */
  happened(who: SideName | "lab", text: string, step?: LifeStep): Promise<void> {
    return this.#tell((sides) => this.#run.tell(who, "happened", text, { step, sides }));
  }

  refused(step: string, text: string): Promise<void> {
    return this.#tell((sides) => this.#run.tell("lab", "refused", text, { step, sides }));
  }

  stands(event: "began" | "ended", text: string): Promise<void> {
    return this.#tell((sides) => this.#run.tell("lab", event, text, { sides }));
  }

  /** Resolves once the kernel stands still: an answer may be due for some milliseconds (delayed ACK, RFC 1122 section 4.2.3.2). */
  async settle(): Promise<void> {
    for (let look = 0; look < looksMax; look += 1) {
      const sockets = await this.#look();
      if (!sockets?.some(({ state }) => passing.includes(state))) return;
      await this.#run.pause(lookEveryMs);
    }
  }

  #tell(what: (sides: LifeSides) => Promise<unknown>): Promise<void> {
    const views = this.#views();
    const told = this.#telling.then(async () => {
      if (!this.#run.isOver) await what(this.#withKernel(views, await this.#look()));
    });
    // Whoever waits for it is told of a failure, and the run fails.
    this.#telling = told.catch(() => {});
    return told;
  }

  /** What the kernel says of them now. */
  #look(): Promise<KernelSocket[] | undefined> {
    const port = portOf(this.listener?.endpoint);
    const looking = port === 0 ? Promise.resolve([]) : kernelSockets(port);
    this.#looking = looking;
    return looking;
  }

  #withKernel(views: LifeSides, sockets: readonly KernelSocket[] | undefined): LifeSides {
    const at = (of: (socket: KernelSocket) => boolean) =>
      sockets === undefined ? undefined : (sockets.find(of)?.state ?? "none");
    // The server knows the client's port before the client does.
    const clientPort = portOf(this.server.remote ?? this.client.local);
    const isServer = ({ remotePort, state }: KernelSocket) => remotePort === clientPort && state !== "LISTEN";
    return {
      listener: { ...views.listener, kernel: at(({ state }) => state === "LISTEN") },
      client: { ...views.client, kernel: at(({ localPort }) => localPort === clientPort) },
      server: { ...views.server, kernel: at(isServer) },
    };
  }

  #views(): LifeSides {
    const { client, server } = this;
    const view = ({ state, local }: Pick<Side, "state" | "local">) => ({ state, local, kernel: undefined });
    return {
      listener: view({ state: this.listenerState, local: this.listener?.endpoint }),
      client: view(client),
      server: view(server),
    };
  }

  #on(name: SideName, event: LifecycleEvent): void {
    const side = this[name];
    const says = told(side.state, event);
    if (event.name !== "created") Object.assign(side, { local: event.local, remote: event.remote });
    if (event.name === "half-closed" && event.by === "remote") side.hasHeardEnd = true;
    const state = stateAfter(side.state, event);
    if (state === undefined) return;
    side.state = state;
    if (says !== undefined) this.happened(name, `${name}: ${says}`).catch(() => {});
  }

  async #read(name: SideName, connection: Connection<string>): Promise<void> {
    try {
      for await (const line of connection) {
        this[name].heard.push(line);
        await this.happened(name, `${name}: receive gave ${JSON.stringify(line)}`);
      }
      // Else it was closed here, and nobody reads any more.
      if (!this[name].hasHeardEnd) return;
      await this.happened(name, `${name}: receive gave undefined: the other side has ended`);
    } catch (error) {
      // How it ended is in the life-cycle events, which are told.
      void error;
    }
  }
}

function newSide(): Side {
  return {
    state: "none",
    local: undefined,
    remote: undefined,
    hasHeardEnd: false,
    connection: undefined,
    heard: [],
  };
}

/** Undefined where it stays as it is. */
function stateAfter(before: State, { name, by }: LifecycleEvent): State | undefined {
  switch (name) {
    case "created":
      return "connecting";
    case "accepted":
      return "waiting";
    case "open":
    case "closed":
      return name;
    case "half-closed":
      // The second half is the last that is told before `closed`.
      if (before === "ended-here" || before === "ended-there") return before;
      return by === "local" ? "ended-here" : "ended-there";
    default:
      return undefined;
  }
}

function told(before: State, { name, by, reason, error }: LifecycleEvent): string | undefined {
  switch (name) {
    case "accepted":
      return "a connection has come in, and waits for accept";
    case "half-closed":
      if (before !== "open")
        return by === "local" ? "has ended too" : "has heard that the other side ended too";
      return by === "local"
        ? "has ended: nothing more will be sent from here (FIN)"
        : "has heard that the other side ended (FIN); it may still send";
    case "closed":
      return `closed: ${error?.reason ?? reason ?? "done"}`;
    default:
      return undefined;
  }
}

/** 0, which is no socket's, if there is none. */
function portOf(endpoint: string | undefined): number {
  if (endpoint === undefined) return 0;
  const parsed = parseEndpoint(endpoint);
  return "port" in parsed ? parsed.port : 0;
}
