// The works: what each measures, between whom, and what Holdfast aims at beside ws.

import { setTimeout } from "node:timers/promises";

import { withPeers } from "./processes.js";

/**
 * @typedef {object} Timing
 * @property {number} warmMs Before the first mark.
 * @property {number} measureMs Between the marks.
 */

/**
 * @typedef {object} Figure
 * @property {string} name As in the table: `messages/s`.
 * @property {"more" | "less"} better
 */

/**
 * @typedef {object} Work
 * @property {string} name
 * @property {readonly string[]} contenders
 * @property {readonly Figure[]} figures The first one is compared and aimed at, the others are told beside it.
 * @property {readonly string[]} [peers] Whom the others are compared with.
 * @property {Readonly<Record<string, Readonly<Record<string, number>>>>} aims
 *   By contender, then by the peer it is compared with: the ratio to reach, or to stay below where less is better.
 * @property {(contender: string, timing: Timing) => Promise<number[]>} measure One value per figure.
 * @property {(values: readonly number[]) => number} [cpuMicros]
 *   What the busier side pays per message: a ratio that a busy machine disturbs less than that of the rates.
 */

/** Whom the table compares with, where a work does not say. */
export const peers = ["ws", "corked", "naive"];
const everybody = ["batches", "awaited", "sessionBatches", "sessionAwaited", ...peers];

/** @type {readonly Work[]} */
export const works = [
  oneWay("one-way 64 B", 64, {
    batches: { ws: 50, corked: 5 },
    awaited: { ws: 30, corked: 3 },
    sessionBatches: { ws: 30, corked: 3 },
    sessionAwaited: { ws: 30, corked: 3 },
  }),
  oneWay("one-way 1 KiB", 1024, { batches: { ws: 12, corked: 2 }, awaited: { ws: 12, corked: 2 } }),
  oneWay("one-way 64 KiB", 64 * 1024, {
    batches: { ws: 1.3 },
    awaited: { ws: 1.3 },
    sessionBatches: { ws: 1.2 },
    sessionAwaited: { ws: 1.2 },
  }),
  echo("echo 64 B × 1", 1),
  echo("echo 64 B × 64", 64),
  idle(),
  {
    ...oneWay("tls: one-way 64 B", 64, { tlsBatches: {}, tlsAwaited: {} }),
    contenders: ["tlsBatches", "tlsAwaited", "naiveTls"],
    peers: ["naiveTls"],
  },
  {
    ...oneWay("ws: one-way 64 B", 64, {
      wsBatches: {},
      wsAwaited: {},
      wsSessionBatches: {},
      wsSessionAwaited: {},
    }),
    contenders: ["wsBatches", "wsAwaited", "wsSessionBatches", "wsSessionAwaited", "ws", "corked"],
    peers: ["ws", "corked"],
  },
  ...[1, 64].map((connections) => ({
    ...echo(`ws: echo 64 B × ${connections}`, connections),
    contenders: ["wsAwaited", "wsSessionAwaited", "ws", "corked"],
    aims: { wsAwaited: {}, wsSessionAwaited: {} },
    peers: ["ws", "corked"],
  })),
];

/** @param {string} name @param {number} bytes @param {Work["aims"]} aims @returns {Work} */
function oneWay(name, bytes, aims) {
  return {
    name,
    contenders: everybody,
    figures: [
      { name: "messages/s", better: "more" },
      { name: "receiver µs/message", better: "less" },
      { name: "sender", better: "less" },
    ],
    aims,
    cpuMicros: ([, receiver = 0, sender = 0]) => Math.max(receiver, sender),
    measure: (contender, { warmMs, measureMs }) =>
      withPeers(async (server, client) => {
        const endpoint = await server.ask("flood", { contender, bytes, ms: warmMs + measureMs + 50 });
        await client.ask("receive", { contender, endpoint, bytes });
        await setTimeout(warmMs);
        const start = [await client.ask("mark"), await server.ask("mark")];
        await setTimeout(measureMs);
        const end = [await client.ask("mark"), await server.ask("mark")];
        await client.ask("settle", { expected: await server.ask("flooded") });
        const messages = end[0].messages - start[0].messages;
        const perSecond = (messages / (end[0].atMs - start[0].atMs)) * 1_000;
        const [receiver, sender] = end.map(
          (mark, side) => (mark.cpuMicros - start[side].cpuMicros) / messages,
        );
        return [perSecond, receiver, sender];
      }),
  };
}

/** @param {string} name @param {number} connections @returns {Work} */
function echo(name, connections) {
  const bytes = 64;
  return {
    name,
    contenders: ["awaited", "sessionAwaited", "ws", "corked", "naive"],
    figures: [
      { name: "server µs/message", better: "less" },
      { name: "messages/s", better: "more" },
      { name: "p50 µs", better: "less" },
    ],
    aims: { awaited: { ws: 0.8 }, sessionAwaited: { ws: 1 } },
    measure: (contender, { warmMs, measureMs }) =>
      withPeers(async (server, client) => {
        const endpoint = await server.ask("serve", { contender, bytes });
        const ms = warmMs + measureMs + 50;
        const echoes = client.ask("echo", { contender, endpoint, bytes, ms, connections });
        await setTimeout(warmMs);
        const start = await server.ask("mark");
        await setTimeout(measureMs);
        const end = await server.ask("mark");
        const { sent, p50Micros } = await echoes;
        await server.ask("settle", { expected: sent });
        const messages = end.messages - start.messages;
        return [
          (end.cpuMicros - start.cpuMicros) / messages,
          (messages / (end.atMs - start.atMs)) * 1_000,
          p50Micros,
        ];
      }),
  };
}

/** @returns {Work} */
function idle() {
  const bytes = 64;
  /** Opened before the first look, so that what is paid once is not divided among the others. */
  const first = 500;
  const connections = 3_000;
  return {
    name: `idle × ${connections}`,
    contenders: ["awaited", "sessionAwaited", "ws", "naive"],
    figures: [
      { name: "server bytes/connection", better: "less" },
      { name: "live heap", better: "less" },
    ],
    aims: { awaited: { ws: 0.75 }, sessionAwaited: { ws: 1 } },
    measure: (contender) =>
      withPeers(async (server, client) => {
        const endpoint = await server.ask("serve", { contender, bytes });
        await client.ask("hold", { contender, endpoint, bytes, connections: first });
        const before = await server.ask("memory");
        await client.ask("hold", { contender, endpoint, bytes, connections });
        const after = await server.ask("memory");
        await server.ask("settle", { expected: first + connections });
        return [(after.rss - before.rss) / connections, (after.heapUsed - before.heapUsed) / connections];
      }),
  };
}
