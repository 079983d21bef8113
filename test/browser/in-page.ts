// What runs in the page: each function is sent there as text, so it uses nothing but its arguments and globals.

import type * as client from "../../src/client-browser.js";

declare const holdfast: typeof client;

interface Talk {
  readonly session: client.Session<number>;
  sent: number;
  received: number;
  /** Messages that were not the next one. */
  readonly wrong: string[];
  isOver: boolean;
  readonly heard: Promise<void>;
}
declare let talk: Talk;

export interface Dialling {
  readonly endpoint: string;
  readonly heartbeat?: { readonly pingAfterMs: number; readonly deadAfterMs: number };
}

/** Opens a session which counts what comes, and sends nothing yet. A negative number is the last one. */
export async function begin({ endpoint, heartbeat }: Dialling): Promise<void> {
  const session = await holdfast.openSession<number>(endpoint, {
    encoding: holdfast.json<number>(),
    heartbeat,
    // An attempt may fall silent too.
    timeoutMs: 1_000,
    retry: { baseMs: 10, maxMs: 200, attempts: 1 },
  });
  const begun: Omit<Talk, "heard"> = { session, sent: 0, received: 0, wrong: [], isOver: false };
  const listen = async () => {
    for await (const number of session) {
      if (number < 0) return;
      if (number !== begun.received) begun.wrong.push(`${number} instead of ${begun.received}`);
      begun.received += 1;
    }
  };
  Object.assign(globalThis, { talk: Object.assign(begun, { heard: listen() }) });
}

/** Sends numbers, a few each time the page's timers run, until it is over. */
export async function count(): Promise<void> {
  while (!talk.isOver) {
    for (let few = 0; few < 3; few += 1, talk.sent += 1) await talk.session.send(talk.sent);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await talk.session.send(-1);
}

/** As soon as there is a link. */
export async function cutInPage(): Promise<void> {
  for await (const { name } of talk.session.states()) if (name === "open") break;
  talk.session.cutLink();
}

/** What the page has sent and heard, once both sides have said their last. */
export async function finish(): Promise<{ sent: number; received: number; wrong: readonly string[] }> {
  await talk.heard;
  await talk.session.flush();
  const { sent, received, wrong } = talk;
  return { sent, received, wrong };
}

export function stop(): void {
  talk.isOver = true;
}
