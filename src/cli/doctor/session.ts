// A session's handshake, for --session: whether what listens there serves sessions, and serves us.

import { formatEndpoint, openSession } from "../../index.js";
import { formatMs } from "../report/units.js";
import { type Finding, failure } from "./finding.js";
import type { Patient } from "./patient.js";

export async function checkSession({ endpoint, settings, session }: Patient): Promise<readonly Finding[]> {
  if (!session) return [];
  try {
    const started = performance.now();
    const opened = await openSession(formatEndpoint(endpoint), settings);
    const says = `a session opens in ${formatMs(performance.now() - started)}`;
    await opened.close();
    return [{ status: "ok", layer: "session", says }];
  } catch (error) {
    return [failure("session", error)];
  }
}
