// How long a UDP service takes to answer a datagram. Any answer counts: what it says is the service's own affair.

import { bind, limits } from "../../index.js";
import { sourceEndpoint } from "../talk/settings.js";
import type { Probe, ProbeSettings } from "./probe.js";

export function datagramProbe(endpoint: string, settings: ProbeSettings): Probe {
  const { sourceAddress, timeoutMs = limits.timeoutMs, family, observer } = settings;
  return {
    async try() {
      // A new socket for each try, so that a late answer to one is not taken for the next one's.
      const socket = await bind(sourceEndpoint(sourceAddress), {
        connect: endpoint,
        timeoutMs,
        ...(family === undefined ? {} : { family }),
        ...(observer === undefined ? {} : { observer }),
      });
      try {
        const started = performance.now();
        await socket.send(new TextEncoder().encode("holdfast ping\n"));
        await socket.receive({ timeoutMs });
        return { ms: performance.now() - started, from: socket.remote ?? endpoint };
      } finally {
        await socket.close();
      }
    },
    close: () => {},
  };
}
