// How long a connection takes to come up: from the first packet to the handshake's answer, name resolution left out.

import { connect, type LifecycleEvent, limits } from "../../index.js";
import type { Probe, ProbeSettings } from "./probe.js";

export function connectProbe(endpoint: string, settings: ProbeSettings): Probe {
  return {
    try: async () => {
      /** When each address began to be tried. */
      const startedAt = new Map<number, number>();
      let ms = Number.NaN;
      const observer = (event: LifecycleEvent) => {
        const started = startedAt.get(event.id);
        if (event.name === "created") startedAt.set(event.id, performance.now());
        else if (event.name === "bound" && started !== undefined) ms = performance.now() - started;
        settings.observer?.(event);
      };
      const connection = await connect(endpoint, { timeoutMs: limits.timeoutMs, ...settings, observer });
      // The peer sees an orderly end; nobody waits for its own.
      void connection.close();
      return { ms, from: connection.remote };
    },
    close: () => {},
  };
}
