// A session's handshake, for --session: whether what listens there serves sessions, and serves us.

import { formatEndpoint, openSession } from "../../index.js";
import { formatMs } from "../report/units.js";
import { type Finding, failure } from "./finding.js";
import type { Patient } from "./patient.js";

export async function checkSession({ endpoint, settings, session }: Patient): Promise<readonly Finding[]> {
  if (!session) return [];
  const target = formatEndpoint(endpoint);
  try {
    const started = performance.now();
    const opened = await openSession(target, settings);
    const says = `a session opens in ${formatMs(performance.now() - started)}`;
    await opened.close();
    const isSecure = endpoint.scheme === "tls" || endpoint.scheme === "wss";
    return [{ status: "ok", layer: "session", says }, ...(isSecure ? [await bound(target, settings)] : [])];
  } catch (error) {
    return [failure("session", error)];
  }
}

/** Both ends compare a secret of TLS's own, which nothing in between can have the same with both. */
async function bound(target: string, settings: Patient["settings"]): Promise<Finding> {
  try {
    await (await openSession(target, { ...settings, binding: "required" })).close();
    return { status: "ok", layer: "session", says: "it is bound to TLS: nothing in between ends it" };
  } catch (error) {
    const { says } = failure("session", error);
    const advice = "if nothing should be there, find out what is: it reads along";
    return { status: "warning", layer: "session", says, advice };
  }
}
