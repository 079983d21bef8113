// listen: the first connection that comes, or with --keep all of them, joined with the terminal or with processes.

import { type Connection, type Listener, listen } from "../../index.js";
import type { Command, CommandRun } from "../command.js";
import { Report } from "../report/report.js";
import { Audience } from "../talk/audience.js";
import { serveWithProcess } from "../talk/exec.js";
import { type Format, formatOf } from "../talk/format.js";
import { endpointOf, networkSettings } from "../talk/settings.js";
import { OutputClosed } from "../talk/stdout.js";
import { talk } from "../talk/talk.js";
import { openTerminal } from "../talk/terminal.js";

type Run = CommandRun<"listen">;

export const listenCommand: Command<"listen"> = async (run) => {
  const { options, signals } = run;
  const { text } = endpointOf(run.args);
  const format = formatOf(options);
  const report = new Report(options);
  const { framing, encoding } = format;
  const listener = await listen(text, { ...networkSettings(options), ...report.observer, framing, encoding });
  // Closing it removes a Unix socket's file, which would outlive us.
  const undo = signals.beforeExit(() => {
    void listener.close();
    report.stop();
  });
  try {
    report.listening(listener.endpoint);
    await (options.keep ? serveMany(listener, run, format, report) : serveOne(listener, run, format, report));
  } finally {
    report.stop();
    undo();
    await listener.close();
  }
};

async function serveOne(listener: Listener, { options, signals }: Run, format: Format, report: Report) {
  const connection = await listener.accept();
  if (connection === undefined) return;
  const taps = report.watch(connection);
  // Whoever comes next is refused at once, instead of waiting for nothing.
  const closing = listener.close();
  const { exec } = options;
  if (exec !== undefined) await serveWithProcess(connection, { command: exec, format, taps, signals });
  else await talk(openTerminal(), connection, format, taps);
  await closing;
}

/** Returns when nobody reads our stdout any more; else a signal ends it. What cuts one connection short is told. */
async function serveMany(listener: Listener, { options, signals }: Run, format: Format, report: Report) {
  const { exec } = options;
  const audience = exec === undefined ? new Audience(openTerminal(), format) : undefined;
  const attend = (connection: Connection): Promise<void> => {
    const taps = report.watch(connection);
    return audience === undefined
      ? serveWithProcess(connection, { command: exec ?? "", format, taps, signals })
      : audience.attend(connection, taps);
  };
  await new Promise<void>((resolve, reject) => {
    audience?.address().catch(reject);
    const serve = async () => {
      for await (const connection of listener) {
        attend(connection).catch((error) => {
          if (error instanceof OutputClosed) resolve();
          else report.failed(error);
        });
      }
    };
    serve().then(resolve, reject);
  });
}
