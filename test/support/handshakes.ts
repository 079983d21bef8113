// What tests of the handshake share: both sides with given secrets, bytes in every cut, and the frames they see.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { ClientHandshake } from "../../src/protocol/session/client-handshake.js";
import { frameTypes, headerBytes } from "../../src/protocol/session/frames.js";
import type { ResumeKey } from "../../src/protocol/session/handshake-bodies.js";
import { encodeHandshake, preamble } from "../../src/protocol/session/handshake-wire.js";
import { ServerHandshake, type ServerHandshakeOptions } from "../../src/protocol/session/server-handshake.js";
import { type SessionLimits, sessionLimits } from "../../src/protocol/session/session-limits.js";
import { decodeReject, type Reject } from "../../src/protocol/session/words.js";

export const limits: SessionLimits = sessionLimits();
export const id: Uint8Array = new Uint8Array(16).fill(1);
export const secret: Uint8Array = new Uint8Array(32).fill(2);
export const ttlMs = 60_000;

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, "hex"));
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

export function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(`test/vectors/${name}.json`, "utf8")) as T;
}

/** A server that knows the sessions of these keys. */
export function server(
  keys: readonly ResumeKey[] = [],
  options: Partial<ServerHandshakeOptions> = {},
): ServerHandshake {
  return new ServerHandshake({
    limits,
    ttlMs,
    find: (wanted) => keys.find((key) => key.id === wanted),
    decoySecret: new Uint8Array(32).fill(255),
    ...options,
  });
}

/** A session after its first handshake, as each side keeps it. */
export function session(exporter?: Uint8Array): { readonly client: ResumeKey; readonly server: ResumeKey } {
  const client = new ClientHandshake({ limits, exporter });
  const theirs = server([], { exporter });
  assert.equal(theirs.receive(client.output)?.kind, "hello");
  const { answer, key } = theirs.welcome(id, secret);
  const outcome = client.receive(answer);
  assert.ok(outcome?.kind === "welcome");
  return { client: outcome.key, server: key };
}

/** A handshake's bytes with any JSON, and any proof behind it. */
export function said(name: keyof typeof frameTypes, body: unknown, proof?: Uint8Array): Uint8Array {
  return encodeHandshake(name, bytesOf(typeof body === "string" ? body : JSON.stringify(body)), proof);
}

/** What a REJECT says that follows a preamble. */
export function rejection(answer: Uint8Array): Reject {
  assert.deepEqual(answer.subarray(0, preamble.length), preamble);
  assert.equal(answer[preamble.length + 3], frameTypes.reject);
  return decodeReject(answer.subarray(preamble.length + headerBytes));
}

/**
 * Gives `wire` in two pieces at each place, whole, and byte by byte, each to a machine of its own; all must come to the
 * same outcome, which is returned.
 */
export function inEveryCut<T>(
  wire: Uint8Array,
  receiver: () => { receive(chunk: Uint8Array): T | undefined },
): T {
  const whole = outcomeOf(receiver(), [wire]);
  for (let at = 1; at < wire.length; at += 1) {
    const cut = outcomeOf(receiver(), [wire.subarray(0, at), wire.subarray(at)]);
    assert.deepEqual(cut, whole, `cut at ${at}`);
  }
  assert.deepEqual(
    outcomeOf(
      receiver(),
      [...wire].map((byte) => Uint8Array.of(byte)),
    ),
    whole,
    "byte by byte",
  );
  return whole;
}

/** The chunks are overwritten behind the call, as a socket's buffer is. */
function outcomeOf<T>(
  machine: { receive(chunk: Uint8Array): T | undefined },
  pieces: readonly Uint8Array[],
): T {
  for (const piece of pieces) {
    const chunk = piece.slice();
    const outcome = machine.receive(chunk);
    if (outcome !== undefined) return outcome;
    chunk.fill(0xee);
  }
  throw new Error("no outcome");
}
