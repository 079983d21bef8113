// node:net with a reconnect loop, as one writes it by hand: a message is a line, a link that breaks is dialled again at
// once, pings and a timeout find the link that died in silence, and what is sent meanwhile waits in an array.
// Node's own module on purpose, and no class of Holdfast's (ADR 9).

import { once } from "node:events";
import net from "node:net";

import type { Contender, Heartbeat } from "../contender.js";

/** Sends nothing again: what was under way in a link that broke is lost. */
export const netLoop: Contender = contenderOf(
  "node:net, reconnects",
  "dials again 10 ms after a break, sends nothing again, what is sent meanwhile waits",
  false,
);
/** Sends again whatever no pong has confirmed: what had arrived comes twice. */
export const netResend: Contender = contenderOf(
  "node:net, sends again",
  "the same, and sends again what no pong has confirmed",
  true,
);

/** Between two attempts, so that a refusal is no busy loop. */
const redialMs = 10;

function contenderOf(name: string, settings: string, sendsAgain: boolean): Contender {
  return {
    name,
    settings,
    isExact: false,
    async open({ heartbeat, through, delivered }) {
      const up = new Outbox(sendsAgain);
      const down = new Outbox(sendsAgain);
      const sockets = new Set<net.Socket>();
      const keep = (socket: net.Socket) => {
        sockets.add(socket);
        socket.on("close", () => sockets.delete(socket));
      };

      const server = net.createServer({ noDelay: true }, (socket) => {
        keep(socket);
        converse(socket, down, heartbeat, (message) => delivered("up", message));
        down.use(socket);
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const endpoint = await through(`tcp://127.0.0.1:${(server.address() as net.AddressInfo).port}`);

      let closed = false;
      const { hostname: host, port } = new URL(endpoint);
      const dial = () => {
        const socket = net.connect({ host, port: Number(port), noDelay: true });
        keep(socket);
        converse(socket, up, heartbeat, (message) => delivered("down", message));
        socket.on("connect", () => up.use(socket));
        socket.on("close", () => setTimeout(() => closed || dial(), redialMs));
        return socket;
      };
      await once(dial(), "connect");

      return {
        send: (direction, message) => (direction === "up" ? up : down).send(message),
        async close() {
          closed = true;
          for (const socket of sockets) socket.destroy();
          server.close();
          await once(server, "close");
        },
      };
    },
  };
}

/** What one side sends, over one link after the other. */
class Outbox {
  readonly #sendsAgain: boolean;
  #socket: net.Socket | undefined;
  #waiting: string[] = [];
  /** Written to this link, oldest first, and not confirmed. */
  #unconfirmed: string[] = [];
  #confirmed = 0;

  constructor(sendsAgain: boolean) {
    this.#sendsAgain = sendsAgain;
  }

  /** Lines written to this link so far. */
  get written(): number {
    return this.#confirmed + this.#unconfirmed.length;
  }

  /** The newest link is the one to send on. */
  use(socket: net.Socket): void {
    this.#socket = socket;
    const lines = [...this.#unconfirmed, ...this.#waiting];
    this.#unconfirmed = [];
    this.#waiting = [];
    this.#confirmed = 0;
    for (const line of lines) this.send(line);
  }

  send(line: string): void {
    if (!this.#socket?.writable) {
      this.#waiting.push(line);
      return;
    }
    this.#socket.write(`${line}\n`);
    if (this.#sendsAgain) this.#unconfirmed.push(line);
  }

  /** The peer has read the first `count` lines of this link. */
  confirm(socket: net.Socket, count: number): void {
    if (socket !== this.#socket) return;
    this.#unconfirmed.splice(0, count - this.#confirmed);
    this.#confirmed = Math.max(this.#confirmed, count);
  }
}

/** Reads lines, pings, and cuts what has been silent for too long: the same on both sides. */
function converse(
  socket: net.Socket,
  outbox: Outbox,
  { pingAfterMs, deadAfterMs }: Heartbeat,
  onMessage: (message: string) => void,
): void {
  let heardAt = performance.now();
  let unread = "";
  const pings = setInterval(() => {
    if (performance.now() - heardAt > deadAfterMs) socket.destroy();
    else if (socket.writable) socket.write(`ping ${outbox.written}\n`);
  }, pingAfterMs);
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    heardAt = performance.now();
    const lines = (unread + chunk).split("\n");
    unread = lines.pop() ?? "";
    for (const line of lines) {
      const [word, count] = line.split(" ", 2);
      if (word === "ping") socket.write(`pong ${count}\n`);
      else if (word === "pong") outbox.confirm(socket, Number(count));
      else onMessage(line);
    }
  });
  // "close" follows, and the loop dials again.
  socket.on("error", () => {});
  socket.on("close", () => clearInterval(pings));
}
