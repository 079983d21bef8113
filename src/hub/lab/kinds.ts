// The experiment with two kinds of sockets: the same numbered messages as a stream (TCP), which loses and swaps none, and
// as datagrams (UDP), through a relay that drops some and swaps neighbours now and then, as networks do.

import { bind } from "../../connection/bind.js";
import { connect } from "../../connection/connect.js";
import type { DatagramSocket } from "../../connection/datagram-socket.js";
import { listen } from "../../connection/listen.js";
import { json } from "../../protocol/encoding/json.js";
import { lines } from "../../protocol/framing/lines.js";
import { chanceOf } from "./chance.js";
import type { Kind, KindScore, KindsOrder } from "./messages.js";
import { type Emit, type LabContext, type Run, runExperiment } from "./run.js";

/** The whole count takes about this long, so that one can watch it. */
const countMs = 2_000;
const tickMs = 25;
/** One datagram in so many is overtaken by the one behind it. */
const swapOneIn = 12;
/** Silence after which no datagram is expected any more: what is lost says nothing. */
const quietMs = 500;
const tcpMs = 20_000;

export function runKinds(order: KindsOrder, emit: Emit<"kinds">, context: LabContext = {}): Promise<void> {
  return runExperiment("kinds", emit, context, async (run) => {
    const { messages, lossPercent, seed } = order;
    const said =
      `${messages} numbered messages over TCP, and over UDP through a relay that drops ${lossPercent} of a hundred ` +
      `and swaps one in ${swapOneIn} with the next (seed ${seed})`;
    await run.tell("lab", "began", said, { messages, lossPercent, seed });
    const [tcp, udp] = await Promise.all([openTcp(run), openUdp(run, order)]);
    const perTick = Math.ceil((messages * tickMs) / countMs);
    for (let first = 1; first <= messages; first += perTick) {
      const numbers = Array.from({ length: Math.min(perTick, messages - first + 1) }, (_, at) => first + at);
      for (const number of numbers) {
        await tcp.send(number);
        await udp.send(number);
      }
      void run.tell("client", "sent", `sent ${listed(numbers)}, over both`, { numbers });
      await run.pause(tickMs);
      tellArrived(run, "tcp", tcp.arrivals);
      tellArrived(run, "udp", udp.arrivals);
    }
    await run.until(() => tcp.arrivals.numbers.length === messages, tcpMs);
    await run.until(() => udp.isQuiet(), tcpMs);
    tellArrived(run, "tcp", tcp.arrivals);
    tellArrived(run, "udp", udp.arrivals);
    const result = { tcp: scoreOf(tcp.arrivals, messages), udp: scoreOf(udp.arrivals, messages) };
    const says = (kind: Kind) =>
      `${kind.toUpperCase()}: ${result[kind].arrived} arrived, ${result[kind].missing.length} missing, ` +
      `${result[kind].outOfOrder.length} out of order`;
    await run.tell("lab", "result", `of ${messages} sent each way, ${says("tcp")}; ${says("udp")}`, result);
  });
}

/** The numbers that came, in their order, and how many of them are told. */
class Arrivals {
  readonly numbers: number[] = [];
  told = 0;
  lastAt: number = performance.now();

  come(number: number): void {
    this.numbers.push(number);
    this.lastAt = performance.now();
  }
}

interface Way {
  send(number: number): Promise<void>;
  readonly arrivals: Arrivals;
}

async function openTcp(run: Run<"kinds">): Promise<Way> {
  const format = { framing: lines(), encoding: json<number>(), signal: run.signal };
  const listener = await listen("tcp://127.0.0.1:0", format);
  run.keep(() => listener.close());
  const client = await connect(listener.endpoint, format);
  run.keep(() => client.abort());
  const server = await listener.accept(format);
  if (server === undefined) throw run.signal.reason;
  run.keep(() => server.abort());
  const arrivals = new Arrivals();
  void readAll(server, (number) => arrivals.come(number));
  return { arrivals, send: (number) => client.send(number) };
}

async function openUdp(run: Run<"kinds">, order: KindsOrder): Promise<Way & { isQuiet(): boolean }> {
  const open = async (): Promise<DatagramSocket<number>> => {
    const socket = await bind("udp://127.0.0.1:0", { encoding: json<number>() });
    run.keep(() => socket.close());
    return socket;
  };
  const [client, relay, server] = [await open(), await open(), await open()];
  const arrivals = new Arrivals();
  const network = new BadNetwork(run, order, (number) => relay.send(number, server.endpoint));
  // Any program on this machine can send there, too.
  void readAll(relay, ({ data, from }) => from === client.endpoint && network.pass(data));
  void readAll(server, ({ data, from }) => from === relay.endpoint && arrivals.come(data));
  return {
    arrivals,
    send: (number) => client.send(number, relay.endpoint),
    isQuiet: () =>
      (network.isDone && arrivals.numbers.length === network.forwarded) ||
      performance.now() - arrivals.lastAt > quietMs,
  };
}

/** What the relay does to each number is settled by the seed, whenever it comes. */
class BadNetwork {
  readonly #run: Run<"kinds">;
  readonly #send: (number: number) => Promise<void>;
  readonly #fates: readonly ("drop" | "hold" | "pass")[];
  #held: number | undefined;
  #seen = 0;
  forwarded = 0;

  constructor(
    run: Run<"kinds">,
    { messages, lossPercent, seed }: KindsOrder,
    send: (number: number) => Promise<void>,
  ) {
    this.#run = run;
    this.#send = send;
    const random = chanceOf(seed);
    this.#fates = Array.from({ length: messages }, () => {
      const [loss, swap] = [random() * 100, random() * swapOneIn];
      return loss < lossPercent ? "drop" : swap < 1 ? "hold" : "pass";
    });
  }

  get isDone(): boolean {
    return this.#seen === this.#fates.length;
  }

  pass(number: number): void {
    this.#seen += 1;
    const fate = this.#fates[number - 1] ?? "pass";
    if (fate === "drop") {
      void this.#run.tell("network", "dropped", `the relay dropped datagram ${number}`, {
        numbers: [number],
      });
    } else if (fate === "hold" && this.#held === undefined) this.#held = number;
    else {
      this.#forward(number);
      this.#letGo(number);
    }
    if (this.isDone) this.#letGo();
  }

  /** The one that is held goes on, behind `overtaker` if there is one. */
  #letGo(overtaker?: number): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    this.#forward(held);
    if (overtaker === undefined) return;
    const text = `the relay let datagram ${overtaker} go before ${held}`;
    void this.#run.tell("network", "swapped", text, { pairs: [[held, overtaker]] });
  }

  #forward(number: number): void {
    this.forwarded += 1;
    // A relay that is closed has a run that is over.
    this.#send(number).catch(() => {});
  }
}

async function readAll<Item>(items: AsyncIterable<Item>, take: (item: Item) => unknown): Promise<void> {
  try {
    for await (const item of items) take(item);
  } catch {
    // The experiment is over.
  }
}

function tellArrived(run: Run<"kinds">, kind: Kind, arrivals: Arrivals): void {
  const numbers = arrivals.numbers.slice(arrivals.told);
  if (numbers.length === 0) return;
  arrivals.told = arrivals.numbers.length;
  void run.tell("server", "arrived", `${kind.toUpperCase()} brought ${listed(numbers)}`, { kind, numbers });
}

function scoreOf({ numbers }: Arrivals, sent: number): KindScore {
  const came = new Set(numbers);
  const missing = Array.from({ length: sent }, (_, at) => at + 1).filter((number) => !came.has(number));
  let highest = 0;
  const outOfOrder: number[] = [];
  for (const number of numbers) {
    if (number < highest) outOfOrder.push(number);
    highest = Math.max(highest, number);
  }
  return { sent, arrived: came.size, missing, outOfOrder };
}

/** `1 to 5`, `1, 3, 2`: short enough for a line. */
function listed(numbers: readonly number[]): string {
  const [first = 0] = numbers;
  if (numbers.length > 2 && numbers.every((number, at) => number === first + at)) {
    return `${first} to ${numbers.at(-1)}`;
  }
  return numbers.join(", ");
}
