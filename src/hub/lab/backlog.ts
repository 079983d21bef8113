// What connecting is like when the listener does not accept: the kernel answers in its place, until its queue is full.

import { once } from "node:events";
import { Worker } from "node:worker_threads";

import { connect } from "../../connection/connect.js";
import { parseEndpoint } from "../../core/endpoint.js";
import { kernelSockets } from "./kernel.js";
import type { LifeEvents } from "./messages.js";
import type { Run } from "./run.js";

const backlog = 2;
const tries = 6;
/** Long enough that whoever is answered at all is answered; SYN goes out again only after a second. */
const connectMs = 800;
const lookAfterMs = 400;

export async function fillBacklog(run: Run<"life">): Promise<LifeEvents["backlog"]> {
  const wake = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL("./idle-listener.js", import.meta.url), {
    workerData: { backlog, wake },
  });
  const gone = new Promise((resolve) => worker.once("exit", resolve));
  // Of this its `once` below tells.
  worker.on("error", () => {});
  const stop = () => {
    Atomics.store(wake, 0, 1);
    Atomics.notify(wake, 0);
    return gone;
  };
  run.keep(stop);
  try {
    const [endpoint] = (await once(worker, "message", { signal: run.signal })) as [string];
    return await overfill(run, endpoint);
  } finally {
    await stop();
  }
}

async function overfill(run: Run<"life">, endpoint: string): Promise<LifeEvents["backlog"]> {
  const trying = Array.from({ length: tries }, async () => {
    const connection = await connect(endpoint, { timeoutMs: connectMs, signal: run.signal });
    run.keep(() => connection.abort());
    return connection;
  });
  const tried = Promise.allSettled(trying);
  await run.pause(lookAfterMs);
  const { port = 0 } = parseEndpoint(endpoint) as { readonly port?: number };
  const sockets = await kernelSockets(port);
  const outcomes = await tried;
  const open = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  for (const connection of open) connection.abort();
  run.signal.throwIfAborted();
  const kernel: { [state: string]: number } = {};
  for (const { state, remotePort } of sockets ?? []) {
    if (remotePort === port) kernel[state] = (kernel[state] ?? 0) + 1;
  }
  const queued = sockets?.find(({ state }) => state === "LISTEN")?.queued;
  return { backlog, tried: tries, open: open.length, unanswered: tries - open.length, kernel, queued };
}
