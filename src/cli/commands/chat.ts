// chat: a person in a hub's room, over a session.

import { DisconnectedError, openSession, type Session, type SocketError, text } from "../../index.js";
import { converse } from "../chat/conversation.js";
import { Interruptions } from "../chat/interruptions.js";
import { openScreen, type Screen } from "../chat/screen.js";
import type { Command, CommandRun } from "../command.js";
import { say } from "../output.js";
import { unacknowledgedSentence } from "../report/events.js";
import { abortNow, abortOnExit } from "../talk/session.js";
import { endpointArgument, networkSettings, noSessions } from "../talk/settings.js";
import { dialingTls } from "../talk/tls.js";

type Run = CommandRun<"chat">;

export const chatCommand: Command<"chat"> = async (run) => {
  const { name } = run.options;
  let screen: Screen | undefined;
  const interruptions = new Interruptions((line) => screen?.note(line));
  const session = await enter(run, interruptions);
  const shown = openScreen();
  screen = shown;
  const undo = [abortOnExit(session, run.signals), run.signals.beforeExit(() => shown.close())];
  try {
    if (name !== undefined) await session.send(`/name ${name}`);
    await converse(session, screen, interruptions);
  } catch (error) {
    await abortNow(session, error);
    throw error;
  } finally {
    for (const step of undo) step();
    screen.close();
  }
  const closed = await session.closed;
  if (closed.error === undefined) return;
  if (closed.unacknowledged.messages > 0) say(`holdfast: ${unacknowledgedSentence(closed)}`);
  throw closed.error;
};

/** @throws UsageError, or why no session came up. */
function enter({ args, options }: Run, { observer }: Interruptions): Promise<Session<string>> {
  const { text: endpoint, isDatagram } = endpointArgument(args[0] ?? options.hub);
  if (isDatagram) throw noSessions();
  const settings = networkSettings({ ...options, ipv4: false, ipv6: false });
  const warn = (text: string) => say(`holdfast: warning: ${text}`);
  return openSession(endpoint, {
    ...settings,
    ...dialingTls([endpoint], options, warn),
    observer,
    encoding: text(),
  }).catch((error: SocketError) => {
    if (error.code !== "ERR_CONNECTION_REFUSED") throw error;
    const advice = "check that a hub runs there; holdfast hub starts one";
    const { reason, op } = error;
    throw new DisconnectedError(error.code, reason, { op, endpoint: error.endpoint, advice, cause: error });
  });
}
