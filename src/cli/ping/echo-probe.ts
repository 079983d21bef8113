// How long our own bytes take to come back over one connection.

import { type Connection, connect, limits, ProtocolError } from "../../index.js";
import type { Probe, ProbeSettings } from "./probe.js";

export function echoProbe(endpoint: string, settings: ProbeSettings): Probe {
  let connection: Connection | undefined;
  let tries = 0;
  return {
    async try() {
      connection ??= await connect(endpoint, settings);
      tries += 1;
      const { remote: from } = connection;
      try {
        const started = performance.now();
        await roundTrip(connection, `holdfast ping ${tries}\n`, settings.timeoutMs ?? limits.timeoutMs);
        return { ms: performance.now() - started, from };
      } catch (error) {
        // What comes late would be taken for the next answer.
        connection.abort(error);
        connection = undefined;
        throw error;
      }
    },
    close: () => void connection?.close(),
  };
}

async function roundTrip(connection: Connection, text: string, timeoutMs: number): Promise<void> {
  await connection.send(new TextEncoder().encode(text));
  let answer = "";
  const deadline = performance.now() + timeoutMs;
  while (answer.length < text.length) {
    const chunk = await connection.receive({ timeoutMs: Math.max(0, deadline - performance.now()) });
    if (chunk === undefined) throw unlike("ended instead of echoing", connection);
    answer += new TextDecoder("latin1").decode(chunk);
  }
  if (answer !== text) throw unlike("answered with other bytes than ours: it is no echo service", connection);
}

function unlike(reason: string, { remote }: Connection): ProtocolError {
  const context = { endpoint: remote, advice: "leave out --echo to measure the connection alone" };
  return new ProtocolError("ERR_INVALID_MESSAGE", "remote", `the peer ${reason}`, context);
}
