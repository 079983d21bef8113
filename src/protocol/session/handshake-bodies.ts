// What the handshake says: the JSON of HELLO, WELCOME, RESUME and RESUMED (docs/PROTOCOL.md section 2).
// Invariant: what was read keeps the page; what is written can be read by it.

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { UsageError } from "../../core/errors.js";
import { countOf, type Fields, fieldsOf, flagOf, hexOf, listOf, matchOf, parseFields } from "./fields.js";
import { handshakeBytesMax } from "./frames.js";
import { idBytes, secretBytes } from "./proofs.js";
import {
  checkSessionLimits,
  readSessionLimits,
  type SessionLimits,
  sameSessionLimits,
} from "./session-limits.js";

/** The meaning of frames that this code knows. */
export const sessionVersion = 1;

export interface Hello {
  readonly versions: readonly number[];
  readonly features: readonly string[];
  readonly limits: SessionLimits;
  /** Any JSON value. */
  readonly auth?: unknown;
  /** SHA-256 of the TLS exporter, in hex. */
  readonly exporterHash?: string | undefined;
}

/** What both sides settle at the beginning and repeat at each resume. */
export interface Terms {
  readonly version: number;
  readonly features: readonly string[];
  readonly limits: SessionLimits;
}

export interface Welcome extends Terms {
  /** 16 bytes in hex. */
  readonly id: string;
  readonly secret: Uint8Array;
  readonly ttlMs: number;
  readonly bound: boolean;
}

export interface Resumed extends Terms {
  readonly epoch: number;
  /** The last sequenced frame that the sender has received in order. */
  readonly received: number;
}

export interface Resume extends Resumed {
  readonly id: string;
}

/** What a side keeps of a session to resume it. One object per session: `epoch` is written by the handshakes. */
export interface ResumeKey {
  readonly id: string;
  readonly secret: Uint8Array;
  readonly version: number;
  readonly features: readonly string[];
  readonly clientLimits: SessionLimits;
  readonly serverLimits: SessionLimits;
  /** Bound to TLS: each link's own exporter is in its proof. */
  readonly bound: boolean;
  /** The client's last attempt, or the highest that the server has taken; 0 before the first. */
  epoch: number;
}

/** Codes of REJECT that the machines give themselves; an application has others (`busy`, `auth`, …). */
export type RefusalCode =
  | "foreign"
  | "version"
  | "limits"
  | "malformed"
  | "unknown"
  | "stale"
  | "changed"
  | "unbound"
  | "proof";

/** Why a handshake fails; each machine says it in its own way. */
export class Refusal extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, reason: string) {
    super(reason);
    this.code = code;
  }
}

/** @throws UsageError if `auth` has no JSON form, or is too long. */
export function encodeHello(hello: Hello): Uint8Array {
  let payload: Uint8Array;
  try {
    payload = encode(hello);
  } catch (cause) {
    throw new UsageError("auth has no JSON form", { cause });
  }
  if (payload.length <= handshakeBytesMax) return payload;
  const advice = "send it in the first message";
  throw new UsageError(`auth makes HELLO ${payload.length} bytes long, of at most ${handshakeBytesMax}`, {
    advice,
  });
}

/** @throws Refusal (`version`, `limits`) or Violation (`malformed`). */
export function parseHello(payload: Uint8Array): Hello {
  const fields = parseFields(payload);
  const versions = listOf(fields, "versions", listMax, (items, at) => countOf(items, at, 1));
  // First of all: another version may say everything else in another way.
  if (!versions.includes(sessionVersion)) {
    throw new Refusal(
      "version",
      `version ${sessionVersion} is spoken here, and not ${versions.join(" or ") || "none"}`,
    );
  }
  return {
    versions,
    features: featuresOf(fields),
    limits: checkedLimitsOf(fields),
    auth: fields.auth,
    exporterHash: fields.exporterHash === undefined ? undefined : hexOf(fields, "exporterHash", 32),
  };
}

export function encodeWelcome({ version, features, id, secret, ttlMs, limits, bound }: Welcome): Uint8Array {
  return encode({ version, features, id, secret: bytesToHex(secret), ttlMs, limits, bound });
}

/** @throws Refusal (`version`, `limits`) or Violation (`malformed`). */
export function parseWelcome(payload: Uint8Array): Welcome {
  const fields = parseFields(payload);
  const version = countOf(fields, "version");
  if (version !== sessionVersion)
    throw new Refusal("version", `version ${version} was chosen, which was not offered`);
  return {
    version,
    features: featuresOf(fields),
    limits: checkedLimitsOf(fields),
    id: hexOf(fields, "id", idBytes),
    secret: hexToBytes(hexOf(fields, "secret", secretBytes)),
    ttlMs: countOf(fields, "ttlMs"),
    bound: flagOf(fields, "bound"),
  };
}

/** Without the proof, as all of RESUME and RESUMED here. */
export function encodeResume({ version, features, limits, id, epoch, received }: Resume): Uint8Array {
  return encode({ version, features, limits, id, epoch, received });
}

/** The session that a RESUME is about: all that may be looked at before its proof. @throws Violation (`malformed`). */
export function parseSessionId(json: Uint8Array): string {
  return hexOf(parseFields(json), "id", idBytes);
}

export function encodeResumed({ version, features, limits, epoch, received }: Resumed): Uint8Array {
  return encode({ version, features, limits, epoch, received });
}

/** What RESUME and RESUMED have in common. @throws Violation (`malformed`). */
export function parseResumed(json: Uint8Array): Resumed {
  const fields = parseFields(json);
  return {
    version: countOf(fields, "version"),
    features: featuresOf(fields),
    limits: readSessionLimits(fieldsOf(fields, "limits")),
    epoch: countOf(fields, "epoch", 1),
    received: countOf(fields, "received"),
  };
}

/** Whether a side repeats what was settled, its features in any order. @param limits That side's, as the key has them. */
export function sameTerms(said: Terms, key: ResumeKey, limits: SessionLimits): boolean {
  return (
    said.version === key.version &&
    sameSet(said.features, key.features) &&
    sameSessionLimits(said.limits, limits)
  );
}

const listMax = 32;
const encoder = new TextEncoder();

function sameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.every((name) => other.includes(name)) && other.every((name) => one.includes(name));
}

function featuresOf(fields: Fields): string[] {
  const what = "1 to 64 letters, digits, dashes or dots";
  return listOf(fields, "features", listMax, (items, at) =>
    matchOf(items, at, /^[A-Za-z0-9.-]{1,64}$/, what),
  );
}

function checkedLimitsOf(fields: Fields): SessionLimits {
  const limits = readSessionLimits(fieldsOf(fields, "limits"));
  const problem = checkSessionLimits(limits);
  if (problem !== undefined) throw new Refusal("limits", problem);
  return limits;
}

function encode(body: object): Uint8Array {
  return encoder.encode(JSON.stringify(body));
}
