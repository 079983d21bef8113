// TLS: whether the peer's certificate holds, for how long, and who may be in between.

import { type Connection, connect, formatEndpoint, type TlsCertificate, type TlsState } from "../../index.js";
import { visible } from "../talk/visible.js";
import { type Finding, failure } from "./finding.js";
import type { Patient } from "./patient.js";

const dayMs = 86_400_000;
/** Certificates of 90 days, as most are, are renewed a month before their end: with less left, the renewal has failed. */
const soonDays = 14;

export async function checkTls(patient: Patient): Promise<readonly Finding[]> {
  const { endpoint, settings } = patient;
  if (endpoint.scheme !== "tls" && endpoint.scheme !== "wss") return [];
  const target = formatEndpoint({ scheme: "tls", host: endpoint.host, port: endpoint.port });
  try {
    await using connection = await connect(target, settings);
    return [...findings(connection.tls), ...(await refusal(connection, settings.timeoutMs))];
  } catch (error) {
    const failed = failure("tls", error);
    if (settings.tls?.verify === false) return [failed];
    const shown = await unverified(target, patient);
    return shown === undefined ? [failed] : [failed, ...evidence(shown)];
  }
}

function findings(tls: TlsState | undefined): Finding[] {
  if (tls === undefined) return [];
  const { version, cipher, isVerified, chain } = tls;
  const agreed = `${version} with ${cipher}`;
  const trust: Finding = isVerified
    ? { status: "ok", layer: "tls", says: `${agreed}; the certificate is verified` }
    : {
        status: "warning",
        layer: "tls",
        says: `${agreed}; the certificate is not verified`,
        advice: "leave out --no-verify: whoever is in between can read and change everything",
      };
  return [trust, ...chain.slice(0, 1).map(expiry), ...interception(chain)];
}

function expiry({ notAfterMs }: TlsCertificate): Finding {
  const days = Math.floor((notAfterMs - Date.now()) / dayMs);
  const says = `the certificate is valid until ${dateOf(notAfterMs)}, ${days} ${days === 1 ? "day" : "days"} more`;
  if (days >= soonDays) return { status: "ok", layer: "tls", says };
  return { status: "warning", layer: "tls", says, advice: "have it renewed; look why that has not happened" };
}

/** What inspects traffic signs certificates of its own, and most of its kind say who they are. */
const inspectors =
  /zscaler|netskope|forti(?:gate|net)|palo alto|blue ?coat|sophos|kaspersky|avast|\beset\b|bitdefender|umbrella|mitmproxy|charles proxy|fiddler|portswigger|burp/i;

function interception(chain: readonly TlsCertificate[]): Finding[] {
  const suspect = chain.find(({ issuer }) => inspectors.test(issuer));
  if (suspect === undefined) return [];
  return [
    {
      status: "warning",
      layer: "tls",
      says: `something in between ends TLS and begins its own: ${oneLine(suspect.issuer)}`,
      advice: "it reads along, and sessions cannot be bound to TLS: ask for an exception, if that matters",
    },
  ];
}

/** With TLS 1.3 a peer that wants our certificate says no only after we took the handshake for done. */
async function refusal(connection: Connection, timeoutMs: number): Promise<Finding[]> {
  try {
    await connection.end();
    await connection.receive({ timeoutMs: Math.min(timeoutMs, 1_000) });
  } catch (error) {
    // Silence, or a peer that goes without ceremony, is no refusal.
    if (error instanceof Error && error.name === "RefusedError") return [failure("tls", error)];
  }
  return [];
}

/** What the peer shows, whatever it is worth. */
async function unverified(target: string, { settings }: Patient): Promise<TlsState | undefined> {
  try {
    await using connection = await connect(target, { ...settings, tls: { ...settings.tls, verify: false } });
    return connection.tls;
  } catch {
    return undefined;
  }
}

function evidence({ chain }: TlsState): Finding[] {
  const [own] = chain;
  if (own === undefined) return [];
  const names = own.names.length === 0 ? oneLine(own.subject) : own.names.map(oneLine).join(", ");
  const period = `from ${dateOf(own.notBeforeMs)} until ${dateOf(own.notAfterMs)}`;
  const says = `what the peer shows is for ${names}, ${period}, issued by ${oneLine(own.issuer)}`;
  return [{ status: "failed", layer: "tls", says }, ...interception(chain)];
}

function dateOf(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString().slice(0, 10) : "an unknown date";
}

/** A peer chooses what its certificate says. */
function oneLine(text: string): string {
  return visible(text.replaceAll("\n", ", "));
}
