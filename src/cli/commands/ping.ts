// ping: how long an endpoint takes to answer, try by try, and a summary.
// Invariant: a try that fails is a loss, never the end; only when none is answered has the command failed.

import { DisconnectedError, SocketError, UsageError } from "../../index.js";
import type { Command } from "../command.js";
import { print } from "../output.js";
import { connectProbe } from "../ping/connect-probe.js";
import { datagramProbe } from "../ping/datagram-probe.js";
import { echoProbe } from "../ping/echo-probe.js";
import type { Probe } from "../ping/probe.js";
import { summaryOf } from "../ping/summary.js";
import { Report } from "../report/report.js";
import { formatMs } from "../report/units.js";
import { endpointArgument, networkSettings } from "../talk/settings.js";
import { dialingTls } from "../talk/tls.js";

export const pingCommand: Command<"ping"> = async ({ args, options, signals }) => {
  const [endpoint = ""] = args;
  checkNotBare(endpoint);
  const { isDatagram } = endpointArgument(endpoint);
  const report = new Report(options);
  const settings = {
    ...networkSettings(options),
    ...dialingTls([endpoint], options, report.warn),
    ...report.observer,
  };
  const open = isDatagram ? datagramProbe : options.echo ? echoProbe : connectProbe;
  const probe = open(endpoint, settings);
  const timesMs: number[] = [];
  let tries = 0;
  const summarize = () => print(summaryOf(tries, timesMs));
  // Whoever stops it early wants to know what was measured so far.
  const undo = signals.beforeExit(summarize);
  while (tries < options.count) {
    const started = performance.now();
    const outcome = await outcomeOf(probe, timesMs);
    tries += 1;
    print(`${tries}: ${outcome}`);
    if (tries < options.count) await pause(options.interval - (performance.now() - started));
  }
  undo();
  summarize();
  probe.close();
  if (timesMs.length === 0) {
    throw new DisconnectedError("ERR_UNREACHABLE", "no try was answered", { op: "ping", endpoint });
  }
};

/** One line, and the time if there is one. @throws UsageError, which every further try would only repeat. */
async function outcomeOf(probe: Probe, timesMs: number[]): Promise<string> {
  try {
    const { ms, from } = await probe.try();
    timesMs.push(ms);
    return `${from} ${formatMs(ms)}`;
  } catch (error) {
    if (!(error instanceof SocketError) || error instanceof UsageError) throw error;
    return error.reason;
  }
}

/** `ping example.com` is what people type first; it means ICMP everywhere else. */
function checkNotBare(text: string): void {
  const isBare = !text.includes(":") || /^[\da-f]*:[\da-f:.%]*:[\da-f:.%]*$/i.test(text);
  if (!isBare || text === "") return;
  const host = text.includes(":") ? `[${text}]` : text;
  throw new UsageError(`"${text}" is a host alone: that is ICMP, which comes with raw sockets`, {
    op: "ping",
    advice: `name a port to measure a connection, such as ${host}:443`,
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
