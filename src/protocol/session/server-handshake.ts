// The server's side of the handshake, for one link: what it is asked, and the bytes of each answer (docs/PROTOCOL.md
// sections 2 and 11).
// Invariant: a session's epoch rises for a valid proof only; who cannot prove learns nothing, not even whether an id exists.

import { bytesToHex } from "@noble/hashes/utils.js";
import { type Foreign, httpRefusal, tlsAlert } from "../foreign.js";
import {
  encodeResumed,
  encodeWelcome,
  type Hello,
  parseHello,
  parseResumed,
  parseSessionId,
  Refusal,
  type ResumeKey,
  sameTerms,
  sessionVersion,
} from "./handshake-bodies.js";
import { encodeHandshake, ForeignError, HandshakeReader } from "./handshake-wire.js";
import { bindingOf, equalBytes, exporterHash, resumedProof, resumeProof, splitProof } from "./proofs.js";
import type { SessionLimits } from "./session-limits.js";
import { Violation } from "./violation.js";
import { encodeReject } from "./words.js";

export interface ServerHandshakeOptions {
  /** For new sessions. */
  readonly limits: SessionLimits;
  /** How long a new session is kept without a link. */
  readonly ttlMs: number;
  /** The session of an id (32 characters of hex); undefined also where this link may not have it, by its certificate. */
  readonly find: (id: string) => ResumeKey | undefined;
  /** 32 random bytes of this process: against them the proof for an unknown id is verified, in vain. */
  readonly decoySecret: Uint8Array;
  /** Of this link's TLS connection, if it has one: 32 bytes. */
  readonly exporter?: Uint8Array | undefined;
  /** Refuses a new session that cannot be bound to TLS. */
  readonly bindingRequired?: boolean | undefined;
}

/** `rest` is what came behind the handshake in the same chunk: a view of it, as long as the chunk is valid. */
export type ServerOutcome =
  /** Answer with `welcome` or `reject`. */
  | { readonly kind: "hello"; readonly hello: Hello; readonly rest: Uint8Array }
  /**
   * Proven, and its epoch taken. Cut the old link, read `received` only then, and answer with `resumed`; whether the
   * client's `received` can be true, the session knows.
   */
  | { readonly kind: "resume"; readonly key: ResumeKey; readonly received: number; readonly rest: Uint8Array }
  /** Send the answer, in words that this peer understands, and end the link. */
  | { readonly kind: "refused"; readonly code: string; readonly reason: string; readonly answer: Uint8Array };

export class ServerHandshake {
  readonly #options: ServerHandshakeOptions;
  readonly #reader: HandshakeReader = new HandshakeReader(["hello", "resume"]);
  #bound = false;
  /** In a HELLO. */
  #clientLimits: SessionLimits | undefined;
  /** The resume that was taken, and its proof. */
  #taken: { readonly key: ResumeKey; readonly epoch: number; readonly proof: Uint8Array } | undefined;

  constructor(options: ServerHandshakeOptions) {
    this.#options = options;
  }

  /** What the client wants, once it is known; undefined until then. Not to be called again behind that. */
  receive(chunk: Uint8Array): ServerOutcome | undefined {
    try {
      const frame = this.#reader.receive(chunk);
      if (frame === undefined) return undefined;
      const { name, payload, rest } = frame;
      return name === "hello" ? this.#hello(payload, rest) : this.#resume(payload, rest);
    } catch (error) {
      if (error instanceof Violation) return this.#refused("malformed", error.message);
      if (!(error instanceof Refusal)) throw error;
      if (!(error instanceof ForeignError)) return this.#refused(error.code, error.message);
      return { kind: "refused", code: error.code, reason: error.message, answer: answers[error.foreign] };
    }
  }

  /** The answer to `hello`, and what to keep of the session. @param id 16 random bytes. @param secret 32 random bytes. */
  welcome(id: Uint8Array, secret: Uint8Array): { readonly answer: Uint8Array; readonly key: ResumeKey } {
    const clientLimits = this.#clientLimits;
    if (clientLimits === undefined) throw new Error("there is no HELLO to welcome");
    const { limits, ttlMs } = this.#options;
    const settled = { id: bytesToHex(id), secret, version: sessionVersion, features: [], bound: this.#bound };
    const answer = encodeHandshake("welcome", encodeWelcome({ ...settled, limits, ttlMs }));
    return { answer, key: { ...settled, clientLimits, serverLimits: limits, epoch: 0 } };
  }

  /** The answer to `resume`. @param received Read after the old link was cut. */
  resumed(received: number): Uint8Array {
    if (this.#taken === undefined) throw new Error("there is no RESUME to answer");
    const { key, epoch, proof } = this.#taken;
    const json = encodeResumed({ ...key, limits: key.serverLimits, epoch, received });
    return encodeHandshake("resumed", json, resumedProof(key.secret, proof, json));
  }

  /** The answer to either, where the caller refuses: `busy`, `auth`, … @param code 1 to 64 letters, digits, dots, dashes. */
  reject(code: string, reason: string, retryAfterMs = 0): Uint8Array {
    return encodeHandshake("reject", encodeReject({ code, reason, retryAfterMs }));
  }

  #refused(code: string, reason: string): ServerOutcome {
    return { kind: "refused", code, reason, answer: this.reject(code, reason) };
  }

  #hello(payload: Uint8Array, rest: Uint8Array): ServerOutcome {
    const { exporter, bindingRequired } = this.#options;
    const hello = parseHello(payload);
    this.#bound = exporter !== undefined && hello.exporterHash === exporterHash(exporter);
    if (bindingRequired === true && !this.#bound) {
      throw new Refusal("unbound", "sessions are bound to TLS here, and something ends TLS in between");
    }
    this.#clientLimits = hello.limits;
    return { kind: "hello", hello, rest };
  }

  #resume(payload: Uint8Array, rest: Uint8Array): ServerOutcome {
    const { json, proof } = splitProof(payload);
    const key = this.#verified(parseSessionId(json), json, proof);
    if (key === undefined) throw new Refusal("unknown", "there is no such session");
    const resume = parseResumed(json);
    if (!sameTerms(resume, key, key.clientLimits)) {
      throw new Refusal("changed", "these are other parameters than in the first handshake");
    }
    const { epoch, received } = resume;
    if (epoch <= key.epoch) throw new Refusal("stale", `the epoch is ${key.epoch} already`);
    key.epoch = epoch;
    this.#taken = { key, epoch, proof: proof.slice() };
    return { kind: "resume", key, received, rest };
  }

  /** The session, if the proof is right; one hash and one comparison in any case. */
  #verified(id: string, json: Uint8Array, proof: Uint8Array): ResumeKey | undefined {
    const { exporter, decoySecret, find } = this.#options;
    const found = find(id);
    // A session bound to TLS cannot be proven on a link without: as if it were not there.
    const binding = found === undefined ? undefined : bindingOf(found, exporter);
    const key = binding === undefined ? undefined : found;
    const expected = resumeProof(key?.secret ?? decoySecret, binding ?? decoyBinding, json);
    return equalBytes(proof, expected) ? key : undefined;
  }
}

const decoyBinding = new Uint8Array(0);

const words = "Holdfast sessions are served here, which other programs cannot speak.";
/** What who speaks something else is told. */
const answers: { readonly [Who in Foreign]: Uint8Array } = {
  http: httpRefusal(`${words} There is no HTTP at this port.\n`),
  tls: tlsAlert,
  plain: new TextEncoder().encode(`${words}\n`),
};
