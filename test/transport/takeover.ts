// Listening as on a runtime whose accepted sockets cannot be taken over: what `adopt` looks for is hidden from it.

import net from "node:net";
import { mock } from "node:test";

/** For servers made while `body` runs; the sockets that they accept later are without it too. */
export async function withoutTakeover<T>(body: () => Promise<T>): Promise<T> {
  const { createServer } = net;
  const mocked = mock.method(net, "createServer", (options: net.ServerOpts) =>
    createServer(options).on("connection", (accepted: net.Socket & { _handle?: object }) => {
      Object.assign(accepted._handle ?? {}, { useUserBuffer: undefined });
    }),
  );
  try {
    return await body();
  } finally {
    mocked.mock.restore();
  }
}
