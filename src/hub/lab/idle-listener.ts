// A listener that does not accept, as a server that is stuck does not: a thread of its own that listens and then stops
// dead, so that connections stay where the kernel puts them. Node itself would accept them at once.

import { parentPort, workerData } from "node:worker_threads";

import { listen } from "../../connection/listen.js";

const { backlog, wake } = workerData as { readonly backlog: number; readonly wake: Int32Array };

const listener = await listen("tcp://127.0.0.1:0", { backlog });
parentPort?.postMessage(listener.endpoint);
Atomics.wait(wake, 0, 0);
await listener.close();
