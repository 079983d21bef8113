// connect: one connection, or one UDP peer, joined with the terminal or with a process.

import { bind, connect } from "../../index.js";
import type { Command, CommandRun } from "../command.js";
import { Report } from "../report/report.js";
import { talkDatagrams } from "../talk/datagrams.js";
import { serveWithProcess } from "../talk/exec.js";
import { datagramFormatOf, formatOf } from "../talk/format.js";
import { endpointOf, familyOf, networkSettings, noExec, sourceEndpoint } from "../talk/settings.js";
import { talk } from "../talk/talk.js";
import { openTerminal } from "../talk/terminal.js";

export const connectCommand: Command<"connect"> = async (run) => {
  const { text, isDatagram } = endpointOf(run.args);
  const report = new Report(run.options);
  const undo = run.signals.beforeExit(() => report.stop());
  try {
    await (isDatagram ? connectDatagrams(text, run, report) : connectStream(text, run, report));
  } finally {
    report.stop();
    undo();
  }
};

async function connectStream(endpoint: string, { options, signals }: CommandRun<"connect">, report: Report) {
  const format = formatOf(options);
  const { framing, encoding } = format;
  const settings = { ...networkSettings(options), ...report.observer, framing, encoding };
  const connection = await connect(endpoint, settings);
  const taps = report.watch(connection);
  const { exec } = options;
  if (exec !== undefined) await serveWithProcess(connection, { command: exec, format, taps, signals });
  else await talk(openTerminal(), connection, format, taps);
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
