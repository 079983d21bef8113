// A session, as its guide shows it: messages are sent and read, and links come and go beneath.

import { openSession, type Session, serveSessions, type TlsOptions, text } from "../../../index.js";
import type { Contender, OpenContender, Stage } from "../contender.js";

/** Until the first try after a break has failed there is no pause at all. */
const retry = { baseMs: 10, maxMs: 100 };

/** What a session is carried by, with what its two sides need for that. */
export interface Carrier {
  readonly scheme: "tcp" | "tls" | "ws" | "wss";
  readonly server?: TlsOptions | undefined;
  readonly client?: TlsOptions | undefined;
}

export const session: Contender = sessionOver({ scheme: "tcp" });

export function sessionOver(carrier: Carrier): Contender {
  return {
    name: carrier.scheme === "tcp" ? "holdfast session" : `holdfast session over ${carrier.scheme}`,
    settings: "dials again at once, then after up to 10 to 100 ms",
    isExact: true,
    open: (stage) => open(carrier, stage),
  };
}

async function open(
  { scheme, ...tls }: Carrier,
  { heartbeat, through, delivered }: Stage,
): Promise<OpenContender> {
  const path = scheme.startsWith("ws") ? "/session" : "";
  let accepted: (session: Session<string>) => void = () => {};
  const accepting = new Promise<Session<string>>((resolve) => {
    accepted = resolve;
  });
  const server = await serveSessions(
    `${scheme}://127.0.0.1:0${path}`,
    async (session) => {
      accepted(session);
      for await (const message of session) delivered("up", message);
    },
    { encoding: text(), heartbeat, tls: tls.server },
  );
  // What is cut is the TCP connection, whatever is spoken over it.
  const cuttable = await through(`tcp://${authorityOf(server.endpoint)}`);
  const client = await openSession(`${scheme}://${authorityOf(cuttable)}${path}`, {
    encoding: text(),
    heartbeat,
    // A link may fall silent before it is a session's.
    timeoutMs: heartbeat.deadAfterMs,
    retry,
    tls: tls.client,
  });
  const remote = await accepting;
  const reading = (async () => {
    for await (const message of client) delivered("down", message);
  })();
  // Why it ended is in `closed`; a send says so too.
  reading.catch(() => {});
  return {
    send: (direction, message) => (direction === "up" ? client : remote).send(message),
    async close() {
      client.abort();
      await server.drain({ deadlineMs: 0 });
    },
  };
}

/** `host:port`. */
function authorityOf(endpoint: string): string {
  return endpoint.split("/")[2] ?? "";
}
