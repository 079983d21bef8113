// The client's side of the handshake, for one link: a new session, or the next link of one (docs/PROTOCOL.md section 2).
// Invariant: nothing that the other side says of a session is believed before it has proven the session's secret.

import { type ProtocolCode, ProtocolError } from "../../core/errors.js";
import type { Foreign } from "../foreign.js";
import {
  encodeHello,
  encodeResume,
  type Hello,
  parseResumed,
  parseWelcome,
  Refusal,
  type RefusalCode,
  type ResumeKey,
  sameTerms,
  sessionVersion,
} from "./handshake-bodies.js";
import { encodeHandshake, ForeignError, type HandshakeFrame, HandshakeReader } from "./handshake-wire.js";
import { bindingOf, equalBytes, exporterHash, resumedProof, resumeProof, splitProof } from "./proofs.js";
import type { SessionLimits } from "./session-limits.js";
import { Violation } from "./violation.js";
import { decodeReject, type Reject } from "./words.js";

export type ClientHandshakeOptions = NewSession | NextLink;

interface OnLink {
  /** Of this link's TLS connection, if it has one: 32 bytes (docs/PROTOCOL.md section 11). */
  readonly exporter?: Uint8Array | undefined;
}

interface NewSession extends OnLink {
  readonly limits: SessionLimits;
  /** What the application says of itself: any JSON value. */
  readonly auth?: unknown;
  readonly resume?: undefined;
}

interface NextLink extends OnLink {
  readonly resume: {
    /** Its epoch is raised by each handshake that is made. */
    readonly key: ResumeKey;
    /** Read after the old link was cut. */
    readonly received: number;
  };
}

/** `rest` is what came behind the handshake in the same chunk: a view of it, as long as the chunk is valid. */
export type ClientOutcome =
  | { readonly kind: "welcome"; readonly key: ResumeKey; readonly ttlMs: number; readonly rest: Uint8Array }
  /** `received` is proven to be what the server said; whether it can be true, the session knows. */
  | { readonly kind: "resumed"; readonly received: number; readonly rest: Uint8Array }
  | ({ readonly kind: "rejected" } & Reject);

export class ClientHandshake {
  /** To be sent before anything else. */
  readonly output: Uint8Array;
  readonly #reader: HandshakeReader;
  readonly #answer: (frame: HandshakeFrame) => ClientOutcome;

  /**
   * @throws UsageError for an `auth` that cannot be said; ProtocolError (`ERR_PROOF`) where a session that is bound to TLS
   * would have to be resumed on a link without.
   */
  constructor(options: ClientHandshakeOptions) {
    if (options.resume === undefined) {
      this.#reader = new HandshakeReader(["welcome", "reject"]);
      this.output = encodeHandshake("hello", encodeHello(helloOf(options)));
      this.#answer = (frame) => welcomed(frame, options);
    } else {
      const { key, received } = options.resume;
      const binding = bindingOf(key, options.exporter);
      if (binding === undefined) {
        throw new ProtocolError("ERR_PROOF", "remote", "the session is bound to TLS, and this link has none");
      }
      key.epoch += 1;
      const json = encodeResume({ ...key, limits: key.clientLimits, received });
      const proof = resumeProof(key.secret, binding, json);
      // Of this attempt, whatever becomes of the key.
      const epoch = key.epoch;
      this.#reader = new HandshakeReader(["resumed", "reject"]);
      this.output = encodeHandshake("resume", json, proof);
      this.#answer = (frame) => resumed(frame, key, epoch, proof);
    }
  }

  /**
   * The server's answer once it is whole; undefined until then. Not to be called again behind one, or behind an error.
   * @throws ProtocolError (by remote), after which the link must be cut: `ERR_PROOF` from an impostor (dial again),
   * `ERR_CHANGED` if the first handshake was tampered with (the session ends), `ERR_VERSION`, `ERR_INVALID_BYTES` for
   * another protocol, `ERR_INVALID_MESSAGE` for all that cannot be read.
   */
  receive(chunk: Uint8Array): ClientOutcome | undefined {
    try {
      const frame = this.#reader.receive(chunk);
      if (frame === undefined) return undefined;
      return frame.name === "reject"
        ? { kind: "rejected", ...decodeReject(frame.payload) }
        : this.#answer(frame);
    } catch (error) {
      throw errorOf(error);
    }
  }
}

function helloOf({ limits, auth, exporter }: NewSession): Hello {
  const hash = exporter === undefined ? undefined : exporterHash(exporter);
  return { versions: [sessionVersion], features: [], limits, auth, exporterHash: hash };
}

function welcomed({ payload, rest }: HandshakeFrame, { limits, exporter }: NewSession): ClientOutcome {
  const welcome = parseWelcome(payload);
  if (welcome.bound && exporter === undefined) {
    throw new Violation("malformed", "WELCOME binds the session to a TLS connection that is not there");
  }
  if (welcome.features.length > 0) {
    throw new Violation("malformed", "WELCOME names features that were not offered");
  }
  const { ttlMs, limits: serverLimits, ...settled } = welcome;
  return { kind: "welcome", key: { ...settled, clientLimits: limits, serverLimits, epoch: 0 }, ttlMs, rest };
}

function resumed(
  { payload, rest }: HandshakeFrame,
  key: ResumeKey,
  epoch: number,
  asked: Uint8Array,
): ClientOutcome {
  const { json, proof } = splitProof(payload);
  if (!equalBytes(proof, resumedProof(key.secret, asked, json))) {
    throw new Refusal("proof", "the other side does not know the session's secret");
  }
  const answer = parseResumed(json);
  if (answer.epoch !== epoch) {
    throw new Violation("malformed", `RESUMED has the epoch ${answer.epoch}, not ${epoch}`);
  }
  if (!sameTerms(answer, key, key.serverLimits)) {
    throw new Refusal("changed", "the server gives other parameters than in the first handshake");
  }
  return { kind: "resumed", received: answer.received, rest };
}

/** What each reason is to the caller; all that is not here cannot be read. */
const codes: { readonly [Code in RefusalCode]?: ProtocolCode } = {
  foreign: "ERR_INVALID_BYTES",
  version: "ERR_VERSION",
  changed: "ERR_CHANGED",
  proof: "ERR_PROOF",
};

const advice: { readonly [Who in Foreign]: string } = {
  http: "check the port, or use ws:// if a session is served over WebSocket there",
  tls: "use tls:// if that is what is served there",
  plain: "check the port, or connect without a session",
};

function errorOf(error: unknown): unknown {
  if (error instanceof Violation) return new ProtocolError("ERR_INVALID_MESSAGE", "remote", error.message);
  if (!(error instanceof Refusal)) return error;
  const code = codes[error.code] ?? "ERR_INVALID_MESSAGE";
  const context = error instanceof ForeignError ? { advice: advice[error.foreign] } : {};
  return new ProtocolError(code, "remote", error.message, context);
}
