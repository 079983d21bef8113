// The terminal and UDP, as nc -u joins them: each chunk typed, or each line, is a datagram, and each one that comes
// is written out whole.
// Invariant: UDP has no end, so silence is the only one: a run is over when both sides have been quiet for long enough.

import type { DatagramSocket } from "../../index.js";
import type { MessageFormat } from "./format.js";
import { join } from "./lines.js";
import { Silence } from "./silence.js";
import { OutputClosed } from "./stdout.js";
import type { Taps } from "./talk.js";
import type { Terminal } from "./terminal.js";

/** What nc sends at once; far below what a datagram may hold. */
const chunkBytesMax = 16 * 1024;
/** How long an answer may take once stdin has ended, unless -i says otherwise. */
const answerMs = 1_000;

export interface DatagramTalk {
  readonly format: MessageFormat;
  readonly taps: Taps;
  /** Silence after which the run is over. Without it: after stdin's end a second, before it for ever. */
  readonly idleMs: number | undefined;
}

/** With the one peer that `socket` is connected to. @throws DisconnectedError if nobody listens there. */
export async function talkDatagrams(
  terminal: Terminal,
  socket: DatagramSocket,
  talk: DatagramTalk,
): Promise<void> {
  const silence = new Silence(talk.idleMs);
  const sending = sendChunks(terminal, talk, silence, (message) => socket.send(message)).then(() =>
    silence.begin(talk.idleMs ?? answerMs),
  );
  await over(socket, silence, [sending, receiveAll(terminal, socket, talk, silence, () => {})]);
}

/** With whoever sends to `socket`; stdin goes to the last one. It ends by silence alone, if -i asks for that. */
export async function serveDatagrams(
  terminal: Terminal,
  socket: DatagramSocket,
  talk: DatagramTalk,
): Promise<void> {
  const silence = new Silence(talk.idleMs);
  let last: string | undefined;
  let onFirst: () => void = () => {};
  // Not read before there is somebody to send it to.
  const first = new Promise<void>((resolve) => (onFirst = resolve));
  const sending = first.then(() =>
    sendChunks(terminal, talk, silence, (message) => socket.send(message, last ?? "")),
  );
  const receiving = receiveAll(terminal, socket, talk, silence, (from) => {
    last = from;
    onFirst();
  });
  await over(socket, silence, [sending, receiving]);
}

/** Until silence, or a failure of either direction. */
async function over(
  socket: DatagramSocket,
  silence: Silence,
  directions: readonly Promise<void>[],
): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      void silence.reached.then(resolve);
      for (const direction of directions) direction.catch(reject);
    });
  } catch (error) {
    if (!(error instanceof OutputClosed)) throw error;
  } finally {
    silence.stop();
    await socket.close();
  }
}

async function sendChunks(
  terminal: Terminal,
  { format, taps }: DatagramTalk,
  silence: Silence,
  send: (message: Uint8Array) => Promise<void>,
): Promise<void> {
  const input = format.openInput();
  const sendAll = async (messages: readonly Uint8Array[]) => {
    for (const message of messages.flatMap(cut)) {
      for (const tap of taps.sent) tap(message);
      silence.broken();
      await send(message);
    }
  };
  for (let chunk = await terminal.read(); chunk !== undefined; chunk = await terminal.read()) {
    await sendAll(input.push(chunk));
  }
  await sendAll(input.rest());
}

/** Ends only with the socket. */
async function receiveAll(
  terminal: Terminal,
  socket: DatagramSocket,
  { format, taps }: DatagramTalk,
  silence: Silence,
  onFrom: (from: string) => void,
): Promise<void> {
  for await (const { data, from } of socket) {
    onFrom(from);
    silence.broken();
    for (const tap of taps.received) tap(data);
    await terminal.write(format.trailer.length === 0 ? data : join([data, format.trailer]));
  }
}

function cut(message: Uint8Array): Uint8Array[] {
  const pieces = Math.max(1, Math.ceil(message.length / chunkBytesMax));
  return Array.from({ length: pieces }, (_, index) =>
    message.subarray(index * chunkBytesMax, (index + 1) * chunkBytesMax),
  );
}
