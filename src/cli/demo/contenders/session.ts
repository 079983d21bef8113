// A session, as its guide shows it: messages are sent and read, and links come and go beneath.

import { openSession, type Session, serveSessions, text } from "../../../index.js";
import type { Contender } from "../contender.js";

/** Until the first try after a break has failed there is no pause at all. */
const retry = { baseMs: 10, maxMs: 100 };

export const session: Contender = {
  name: "holdfast session",
  settings: "dials again at once, then after up to 10 to 100 ms",
  isExact: true,
  async open({ heartbeat, through, delivered }) {
    let accepted: (session: Session<string>) => void = () => {};
    const accepting = new Promise<Session<string>>((resolve) => {
      accepted = resolve;
    });
    const server = await serveSessions(
      "tcp://127.0.0.1:0",
      async (session) => {
        accepted(session);
        for await (const message of session) delivered("up", message);
      },
      { encoding: text(), heartbeat },
    );
    const client = await openSession(await through(server.endpoint), {
      encoding: text(),
      heartbeat,
      // A link may fall silent before it is a session's.
      timeoutMs: heartbeat.deadAfterMs,
      retry,
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
  },
};
