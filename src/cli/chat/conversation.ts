// A person in a room: lines typed go to it, lines said there are shown, and a few commands stay here.
// Invariant: when it ends, all that had come has been shown.

import { LimitError, type Session, SocketError } from "../../index.js";
import { OutputClosed } from "../talk/stdout.js";
import { onlyFailure } from "../talk/talk.js";
import type { Interruptions } from "./interruptions.js";
import type { Screen } from "./screen.js";

/** Until the session has ended, which its `closed` tells. @throws what is wrong with the screen. */
export async function converse(
  session: Session<string>,
  screen: Screen,
  interruptions: Interruptions,
): Promise<void> {
  try {
    await Promise.race([
      hear(session, screen, interruptions),
      onlyFailure(speak(session, screen, interruptions).catch(unlessOver)),
    ]);
  } catch (error) {
    // When nobody reads what is shown, what we have said may still go out.
    if (!(error instanceof OutputClosed)) unlessOver(error);
  }
  await session.close();
}

async function speak(session: Session<string>, screen: Screen, interruptions: Interruptions): Promise<void> {
  for (let line = await screen.read(); line !== undefined; line = await screen.read()) {
    const command = line.trim().toLowerCase();
    if (command === "/quit") break;
    if (command === "/cut") interruptions.cut(session);
    else if (command !== "") await say(session, screen, line);
  }
  await session.close();
}

async function say(session: Session<string>, screen: Screen, line: string): Promise<void> {
  try {
    await session.send(line);
  } catch (error) {
    if (!(error instanceof LimitError)) throw error;
    screen.note(error.message);
  }
}

async function hear(session: Session<string>, screen: Screen, interruptions: Interruptions): Promise<void> {
  let name: string | undefined;
  for await (const lines of session.batches()) {
    for (const line of lines) {
      interruptions.heard();
      await screen.hear(line);
      const newName = nameIn(line, name);
      if (newName === undefined) continue;
      name = newName;
      screen.rename(name);
    }
  }
}

/** What we are called from now on, if the room says so: no member's line begins with an asterisk. */
function nameIn(line: string, name: string | undefined): string | undefined {
  const [, given] = /^\* you are (\S+); here: /.exec(line) ?? [];
  const [, from, to] = /^\* (\S+) is now (\S+)$/.exec(line) ?? [];
  return given ?? (from === name ? to : undefined);
}

/** That the session has ended is for its `closed` to tell. */
function unlessOver(error: unknown): void {
  if (!(error instanceof SocketError)) throw error;
}
