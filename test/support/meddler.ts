// A proxy that cuts what it carries as a test likes, and knows nothing of it.
// Invariant: every byte arrives, in order, and each end as well.

import { once } from "node:events";
import net from "node:net";

export interface MeddlerOptions {
  /** So many bytes in each write, each in a turn of its own. */
  readonly bytesAtOnce?: number;
  /** What the dialling side sends is held back until there is so much. */
  readonly holdUntilBytes?: number;
}

export interface Meddler {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** Listens on loopback, and carries each connection on to the endpoint. */
export async function meddler(to: string, options: MeddlerOptions = {}): Promise<Meddler> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const port = Number(to.split(":").at(-1));
    const far = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    carry(near, far, options);
    carry(far, near, { ...options, holdUntilBytes: 0 });
    for (const socket of [near, far]) sockets.add(socket.on("error", () => {}));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `tcp://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

async function carry(
  from: net.Socket,
  to: net.Socket,
  { bytesAtOnce = Number.POSITIVE_INFINITY, holdUntilBytes = 0 }: MeddlerOptions,
): Promise<void> {
  let held = Buffer.alloc(0);
  try {
    // The loop itself would destroy the socket at its end, whose other direction goes on.
    for await (const chunk of from.iterator({ destroyOnReturn: false })) {
      held = Buffer.concat([held, chunk as Buffer]);
      if (from.bytesRead < holdUntilBytes) continue;
      const all = held;
      held = Buffer.alloc(0);
      for (let start = 0; start < all.length; start += bytesAtOnce) {
        to.write(all.subarray(start, start + Math.min(bytesAtOnce, all.length)));
        if (bytesAtOnce < all.length) await new Promise((resolve) => setImmediate(resolve));
      }
    }
    to.end();
  } catch {
    to.destroy();
  }
}
