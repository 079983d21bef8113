// Name resolution: what a host name leads to, in both families.

import { resolve } from "../../diagnosis.js";
import { formatMs } from "../report/units.js";
import { type Finding, failure } from "./finding.js";
import type { Patient } from "./patient.js";

export async function checkName(patient: Patient): Promise<readonly Finding[]> {
  const { endpoint, settings } = patient;
  if (!("host" in endpoint)) return [];
  const { host } = endpoint;
  try {
    const started = performance.now();
    const found = await resolve(host, settings.family, {});
    const ms = performance.now() - started;
    patient.addresses = found.map((address) => address.host);
    if (found.length === 1 && found[0]?.host === host) return [];
    const says = `${host} is ${patient.addresses.join(", ")} (${formatMs(ms)})`;
    return [slow(ms, says) ?? { status: "ok", layer: "name", says }];
  } catch (error) {
    return [failure("name", error, `${host}: `)];
  }
}

/** Every connection begins with it, and a person notices. */
const slowMs = 1_000;

function slow(ms: number, says: string): Finding | undefined {
  if (ms < slowMs) return undefined;
  const advice = "look at the name servers, in /etc/resolv.conf: the first of them may not answer";
  return { status: "warning", layer: "name", says, advice };
}
