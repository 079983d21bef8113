// Reach: whether something accepts connections, at each address by itself.

import { connect, formatEndpoint } from "../../index.js";
import { formatMs } from "../report/units.js";
import { type Finding, failure } from "./finding.js";
import type { Patient } from "./patient.js";

export async function checkReach({ endpoint, addresses, settings }: Patient): Promise<readonly Finding[]> {
  const { timeoutMs } = settings;
  const targets =
    "host" in endpoint
      ? addresses.map((host) => formatEndpoint({ scheme: "tcp", host, port: endpoint.port }))
      : [formatEndpoint(endpoint)];
  const found = await Promise.all(targets.map((target) => reach(target, timeoutMs)));
  const reached = found.filter(({ status }) => status === "ok");
  // A client takes the address that answers, so one that does not costs it time and no more.
  return reached.length === 0
    ? found
    : found.map((finding) => (finding.status === "ok" ? finding : warned(finding)));
}

async function reach(target: string, timeoutMs: number): Promise<Finding> {
  try {
    const started = performance.now();
    const connection = await connect(target, { timeoutMs });
    const ms = performance.now() - started;
    // The peer sees an orderly end; nobody waits for its own.
    void connection.close();
    return { status: "ok", layer: "network", says: `${target} answers in ${formatMs(ms)}` };
  } catch (error) {
    return failure("network", error, `${target}: `);
  }
}

function warned(finding: Finding): Finding {
  const advice =
    "clients take the other address, after a moment: serve this one too, or take it out of the name";
  return { ...finding, status: "warning", advice };
}
