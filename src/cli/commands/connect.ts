// connect: one connection, joined with the terminal or with a process.

import { connect } from "../../index.js";
import type { Command } from "../command.js";
import { Report } from "../report/report.js";
import { serveWithProcess } from "../talk/exec.js";
import { formatOf } from "../talk/format.js";
import { endpointOf, networkSettings } from "../talk/settings.js";
import { talk } from "../talk/talk.js";
import { openTerminal } from "../talk/terminal.js";

export const connectCommand: Command<"connect"> = async ({ args, options, signals }) => {
  const { text } = endpointOf(args);
  const format = formatOf(options);
  const report = new Report(options);
  const undo = signals.beforeExit(() => report.stop());
  try {
    const { framing, encoding } = format;
    const connection = await connect(text, {
      ...networkSettings(options),
      ...report.observer,
      framing,
      encoding,
    });
    const taps = report.watch(connection);
    const { exec } = options;
    if (exec !== undefined) await serveWithProcess(connection, { command: exec, format, taps, signals });
    else await talk(openTerminal(), connection, format, taps);
  } finally {
    report.stop();
    undo();
  }
};
