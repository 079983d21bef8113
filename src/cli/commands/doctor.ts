// doctor: what stands between us and an endpoint, layer by layer, and what to do about it.

import { limits, parseEndpoint, UsageError } from "../../index.js";
import type { Command } from "../command.js";
import { examine } from "../doctor/examination.js";
import { type Finding, findingLine, findingRecord } from "../doctor/finding.js";
import { print } from "../output.js";
import { Report } from "../report/report.js";
import { endpointOf, familyOf } from "../talk/settings.js";
import { dialingTls } from "../talk/tls.js";

export const doctorCommand: Command<"doctor"> = async ({ args, options }) => {
  const { text, isDatagram } = endpointOf(args);
  if (isDatagram) {
    const advice = "try holdfast ping, which waits for an answer";
    throw new UsageError("udp:// has no connection to examine", { endpoint: text, advice });
  }
  const { json, session, wait: waitMs, timeout: timeoutMs = limits.timeoutMs } = options;
  const { warn } = new Report({ json, verbose: false });
  const settings = { timeoutMs, ...familyOf(options), ...dialingTls([text], options, warn) };
  const endpoint = parseEndpoint(text);
  let warnings = 0;
  const tell = (finding: Finding) => {
    if (finding.status === "warning") warnings += 1;
    print(json ? findingRecord(finding) : findingLine(finding));
  };
  const { env } = process;
  const failing = await examine(
    { endpoint, settings, session, waitMs, env, addresses: [], clock: undefined },
    tell,
  );
  if (json) print(JSON.stringify({ event: "verdict", failing: failing ?? null, warnings }));
  else if (failing !== undefined) print(`the first layer that fails: ${failing}`);
  else print(warnings === 0 ? "nothing fails" : `nothing fails; warnings: ${warnings}`);
  if (failing !== undefined) process.exitCode = 1;
};
