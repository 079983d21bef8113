// listen: the first connection that comes, or with --keep all of them, joined with the terminal or with processes.

import { bind, type Connection, type Listener, listen } from "../../index.js";
import type { Command, CommandRun } from "../command.js";
import { Report } from "../report/report.js";
import { Audience } from "../talk/audience.js";
import { serveDatagrams } from "../talk/datagrams.js";
import { serveWithProcess } from "../talk/exec.js";
import { datagramFormatOf, type Format, formatOf, webSocketFormatOf } from "../talk/format.js";
import { endpointOf, familyOf, networkSettings, noExec } from "../talk/settings.js";
import { OutputClosed } from "../talk/stdout.js";
import { talk } from "../talk/talk.js";
import { openTerminal } from "../talk/terminal.js";
import { listeningTls } from "../talk/tls.js";

type Run = CommandRun<"listen">;

/** Unless the user says otherwise: each connection is a process, of which a machine holds fewer than of sockets. */
const processesMax = 100;

export const listenCommand: Command<"listen"> = async (run) => {
  const { text, isDatagram, isWebSocket } = endpointOf(run.args);
  const report = new Report(run.options);
  const undo = run.signals.beforeExit(() => report.stop());
  try {
    await (isDatagram ? listenDatagrams(text, run, report) : listenStreams(text, isWebSocket, run, report));
  } finally {
    report.stop();
    undo();
  }
};

async function listenDatagrams(endpoint: string, { options }: Run, report: Report) {
  noExec(options);
  const format = datagramFormatOf(options);
  const { encoding } = format;
  const onError = (error: unknown) => report.failed(error);
  const socket = await bind(endpoint, { ...familyOf(options), ...report.observer, encoding, onError });
  report.listening(socket.endpoint);
  await serveDatagrams(openTerminal(), socket, { format, taps: report.watch(socket), idleMs: options.idle });
}

async function listenStreams(endpoint: string, isWebSocket: boolean, run: Run, report: Report) {
  const { options, given, signals } = run;
  const format = isWebSocket ? webSocketFormatOf(options, given) : formatOf(options);
  const { framing, encoding } = format;
  const connectionsMax = connectionsMaxOf(run);
  const settings = {
    ...networkSettings(options),
    ...listeningTls(endpoint, options, report.warn),
    ...report.observer,
    framing,
    encoding,
    connectionsMax,
  };
  const listener = await listen(endpoint, settings);
  // Closing it removes a Unix socket's file, which would outlive us.
  const undo = signals.beforeExit(() => void listener.close());
  try {
    report.listening(listener.endpoint);
    await (options.keep ? serveMany(listener, run, format, report) : serveOne(listener, run, format, report));
  } finally {
    undo();
    await listener.close();
  }
}

function connectionsMaxOf({ given, options: { exec, connectionsMax } }: Run): number {
  return exec !== undefined && given.connectionsMax === undefined ? processesMax : connectionsMax;
}

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
