// connect: one connection, one session or one UDP peer, joined with the terminal or with a process.

import { bind, connect, openSession, UsageError } from "../../index.js";
import type { Command, CommandRun } from "../command.js";
import { Report } from "../report/report.js";
import { talkDatagrams } from "../talk/datagrams.js";
import { serveWithProcess } from "../talk/exec.js";
import { datagramFormatOf, formatOf, sessionFormatOf, webSocketFormatOf } from "../talk/format.js";
import { abortOnExit, talkSession } from "../talk/session.js";
import {
  endpointOf,
  familyOf,
  networkSettings,
  noExec,
  noSessions,
  sourceEndpoint,
} from "../talk/settings.js";
import { talk } from "../talk/talk.js";
import { openTerminal } from "../talk/terminal.js";
import { dialingTls } from "../talk/tls.js";

export const connectCommand: Command<"connect"> = async (run) => {
  const { text, isDatagram, isWebSocket } = endpointOf(run.args);
  const { session } = run.options;
  if (session && isDatagram) throw noSessions();
  const talk = session
    ? connectSession
    : isDatagram
      ? connectDatagrams
      : isWebSocket
        ? connectWebSocket
        : connectStream;
  const report = new Report(run.options);
  const undo = run.signals.beforeExit(() => report.stop());
  try {
    await talk(text, run, report);
  } finally {
    report.stop();
    undo();
  }
};

async function connectStream(endpoint: string, { options, signals }: CommandRun<"connect">, report: Report) {
  const format = formatOf(options);
  const { framing, encoding } = format;
  const settings = {
    ...networkSettings(options),
    ...dialingTls([endpoint], options, report.warn),
    ...report.observer,
    framing,
    encoding,
  };
  const connection = await connect(endpoint, settings);
  const taps = report.watch(connection);
  const { exec } = options;
  if (exec !== undefined) await serveWithProcess(connection, { command: exec, format, taps, signals });
  else await talk(openTerminal(), connection, format, taps);
}

/** It has messages and no half-close, as a session. */
async function connectWebSocket(
  endpoint: string,
  { options, given, signals }: CommandRun<"connect">,
  report: Report,
) {
  const format = webSocketFormatOf(options, given);
  const { encoding } = format;
  const { exec, idle: idleMs } = options;
  const settings = {
    ...networkSettings(exec === undefined ? { ...options, idle: undefined } : options),
    ...dialingTls([endpoint], options, report.warn),
    ...report.observer,
    encoding,
  };
  const connection = await connect(endpoint, settings);
  const taps = report.watch(connection);
  if (exec !== undefined) await serveWithProcess(connection, { command: exec, format, taps, signals });
  else await talkSession(openTerminal(), connection, { format, taps, idleMs });
}

async function connectDatagrams(endpoint: string, { options }: CommandRun<"connect">, report: Report) {
  noExec(options);
  const format = datagramFormatOf(options);
  const { encoding } = format;
  const { timeout } = options;
  const socket = await bind(sourceEndpoint(options.source), {
    ...familyOf(options),
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
    ...report.observer,
    connect: endpoint,
    encoding,
    onError: (error) => report.failed(error),
  });
  await talkDatagrams(openTerminal(), socket, { format, taps: report.watch(socket), idleMs: options.idle });
}

async function connectSession(
  endpoint: string,
  { options, given, signals }: CommandRun<"connect">,
  report: Report,
) {
  notInSessions(given);
  const format = sessionFormatOf(options);
  const { encoding } = format;
  const { idle: idleMs } = options;
  const settings = {
    ...networkSettings({ ...options, idle: undefined }),
    ...dialingTls([endpoint], options, report.warn),
    ...report.observer,
    encoding,
  };
  const session = await openSession(endpoint, settings);
  const undo = abortOnExit(session, signals);
  try {
    await talkSession(openTerminal(), session, { format, taps: report.watch(session), idleMs });
  } finally {
    undo();
    const closed = await session.closed;
    if (closed.error !== undefined) report.unacknowledged(closed);
  }
}

/** @throws UsageError for an option that means nothing there. */
function notInSessions({ framing, exec }: CommandRun<"connect">["given"]): void {
  const name = framing !== undefined ? "framing" : exec !== undefined ? "exec" : undefined;
  if (name === undefined) return;
  throw new UsageError(`--${name} does not go with --session`, {
    advice:
      name === "framing"
        ? "leave it out: a session keeps messages apart by itself, and each is a line here"
        : "leave one of them out",
  });
}
