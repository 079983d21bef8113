// One side of a session under load: numbered messages go out all the time, and each that comes in must be the next.
// `session.js serve|open ENDPOINT [OPTIONS]`; on stdin `mark` asks for word of the next message that comes, and `end`
// makes the client end it: both then send what they have, say how many it were, and close.

import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type LifecycleObserver,
  openSession,
  type Session,
  SocketError,
  serveSessions,
  text,
} from "../../../src/index.js";
import { errorReport, report } from "./report.js";

const [role = "", endpoint = "", given = "{}"] = process.argv.slice(2);
const observer: LifecycleObserver = ({ name, kind, reason }) => {
  if (kind === "session" && name !== "closed") report({ event: name, reason });
};
const options = { ...JSON.parse(given), encoding: text(), observer };

let isMarked = false;
let isEnding = false;
createInterface(process.stdin).on("line", (line) => {
  if (line === "mark") isMarked = true;
  else isEnding = true;
});

const messageOf = (seq: number) => `${seq} ${"x".repeat(seq % 1_000)}`;

async function play(session: Session<string>, isFirstToEnd: boolean): Promise<void> {
  let sent = 0;
  let received = 0;
  const load = async () => {
    for (; !isEnding; sent += 1) {
      await session.send(messageOf(sent));
      await sleep(2);
    }
    await session.send("end");
  };
  const read = async () => {
    for (;;) {
      const message = await session.receive();
      if (message === undefined || message === "end") break;
      if (message !== messageOf(received)) report({ event: "wrong", message, received });
      received += 1;
      if (isMarked) report({ event: "message" });
      isMarked = false;
    }
    isEnding = true;
  };
  try {
    await Promise.all([load(), read()]);
    if (isFirstToEnd) await session.close();
  } catch (error) {
    if (!(error instanceof SocketError)) throw error;
  }
  const { by, reason, error, unacknowledged, unread } = await session.closed;
  const unknown = unacknowledged.messages + unread.messages;
  report({ event: "closed", by, reason, error: error && errorReport(error), sent, received, unknown });
  process.stdin.destroy();
}

if (role === "open") await play(await openSession<string>(endpoint, options), true);
else {
  const server = await serveSessions<string>(
    endpoint,
    async (session) => {
      await play(session, false);
      await server.drain();
    },
    options,
  );
  report({ event: "listening", endpoint: server.endpoint });
}
