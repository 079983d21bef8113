// The checks in their order, from the bottom up.
// Invariant: behind a layer that fails nothing is tried that needs it, so that one cause is one failure.

import { checkClock } from "./clock.js";
import type { Finding, Layer } from "./finding.js";
import { checkIdle } from "./idle.js";
import { checkMachine } from "./machine.js";
import { checkName } from "./name.js";
import type { Check, Patient } from "./patient.js";
import { checkProxies } from "./proxies.js";
import { checkReach } from "./reach.js";
import { checkSession } from "./session.js";
import { checkTls } from "./tls.js";
import { checkUpgrade } from "./upgrade.js";

/** Each needs all those above it. */
const onTheWay: readonly Check[] = [checkName, checkReach, checkTls, checkUpgrade, checkSession, checkIdle];
/** Whatever becomes of the way. */
const beside: readonly Check[] = [checkProxies, checkClock, () => checkMachine("/proc")];

/** @returns The first layer that fails, if one does. */
export async function examine(
  patient: Patient,
  tell: (finding: Finding) => void,
): Promise<Layer | undefined> {
  let failing: Layer | undefined;
  for (const check of onTheWay) {
    if (failing !== undefined) break;
    const found = await check(patient);
    found.forEach(tell);
    failing = found.find(({ status }) => status === "failed")?.layer;
  }
  for (const check of beside) {
    const found = await check(patient);
    found.forEach(tell);
    failing ??= found.find(({ status }) => status === "failed")?.layer;
  }
  return failing;
}
