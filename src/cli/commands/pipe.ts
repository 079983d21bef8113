// pipe: any two ends joined, with the half-close of each carried over to the other.

import { type Connection, connect, UsageError } from "../../index.js";
import type { Command } from "../command.js";
import { Report } from "../report/report.js";
import { untouched } from "../talk/format.js";
import { endpointArgument, networkSettings } from "../talk/settings.js";
import { cut, join, talk } from "../talk/talk.js";
import { openTerminal } from "../talk/terminal.js";
import { dialingTls } from "../talk/tls.js";

const terminalMark = "-";

export const pipeCommand: Command<"pipe"> = async ({ args, options, signals }) => {
  const endpoints = args.filter((text) => text !== terminalMark);
  if (endpoints.length === 0) throw new UsageError("both ends are stdin and stdout", { advice: "use cat" });
  for (const text of endpoints) endpointArgument(text);
  const report = new Report(options);
  const undo = signals.beforeExit(() => report.stop());
  const settings = {
    ...networkSettings(options),
    ...dialingTls(endpoints, options, report.warn),
    ...report.observer,
  };
  const connections: Connection[] = [];
  try {
    // One after the other, so that it is clear which one failed.
    for (const text of endpoints) connections.push(await connect(text, settings));
    const [first, second] = connections;
    if (first === undefined) return;
    if (second === undefined) await talk(openTerminal(), first, untouched, report.watch(first));
    else {
      report.watch(first);
      await join(first, second, report.watch(second));
    }
  } finally {
    await Promise.all(connections.map((connection) => cut(connection, "the other end is gone")));
    report.stop();
    undo();
  }
};
