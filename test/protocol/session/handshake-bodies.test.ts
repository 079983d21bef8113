// The JSON of the handshake: what is written is read, and what is not as it should be is refused for the right reason.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { UsageError } from "../../../src/core/errors.js";
import { handshakeBytesMax } from "../../../src/protocol/session/frames.js";
import {
  encodeHello,
  encodeResume,
  encodeResumed,
  encodeWelcome,
  type Hello,
  parseHello,
  parseResumed,
  parseSessionId,
  parseWelcome,
  Refusal,
  sameTerms,
  type Welcome,
} from "../../../src/protocol/session/handshake-bodies.js";
import { Violation } from "../../../src/protocol/session/violation.js";
import { bytesOf, limits, secret, session, toHex } from "../../support/handshakes.js";

const hello: Hello = { versions: [1], features: [], limits };
const welcome: Welcome = {
  version: 1,
  features: [],
  limits,
  id: "0123456789abcdef0123456789abcdef",
  secret,
  ttlMs: 1_000,
  bound: false,
};
const resume = { version: 1, features: [], limits, id: welcome.id, epoch: 1, received: 0 };

const json = (body: unknown) => bytesOf(JSON.stringify(body));
const onWire = { ...welcome, secret: toHex(secret) };

test("what is written is read", () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[A-Za-z0-9.-]{1,64}$/), { maxLength: 32 }),
      fc.maxSafeNat(),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.boolean(),
      fc.jsonValue({ maxDepth: 2 }),
      (features, count, bytes, bound, auth) => {
        const said = JSON.parse(JSON.stringify(auth)) as unknown;
        const full = { ...hello, features, auth: said, exporterHash: toHex(bytes) };
        assert.deepEqual(parseHello(encodeHello(full)), full);
        const answer = { ...welcome, features, secret: bytes, ttlMs: count, bound };
        assert.deepEqual(parseWelcome(encodeWelcome(answer)), answer);
        const again = { ...resume, features, epoch: Math.max(count, 1), received: count };
        const { id, ...resumed } = again;
        assert.equal(parseSessionId(encodeResume(again)), id);
        assert.deepEqual(parseResumed(encodeResume(again)), resumed);
        assert.deepEqual(parseResumed(encodeResumed(resumed)), resumed);
      },
    ),
  );
});

test("auth and exporterHash may be missing, and names that nobody knows are ignored", () => {
  const read = parseHello(json({ ...hello, later: 1 }));
  assert.deepEqual(read, { ...hello, auth: undefined, exporterHash: undefined });
});

suite("every other name must be there, and be what it should", () => {
  const bodies: [name: string, body: { [name: string]: unknown }, parse: (payload: Uint8Array) => unknown][] =
    [
      ["HELLO", { ...hello }, parseHello],
      ["WELCOME", { ...onWire }, parseWelcome],
      ["RESUME", { ...resume }, (json) => [parseSessionId(json), parseResumed(json)]],
    ];
  for (const [name, body, parse] of bodies) {
    for (const field of Object.keys(body)) {
      test(`${name}: ${field}`, () => {
        for (const value of [undefined, null, "x", -1, {}, [{}]]) {
          assert.throws(() => parse(json({ ...body, [field]: value })), Violation, String(value));
        }
      });
    }
  }
});

test("a version comes first: of another, nothing else is looked at", () => {
  const refused = (body: object, parse: (payload: Uint8Array) => unknown) =>
    assert.throws(
      () => parse(json(body)),
      (error) => error instanceof Refusal && error.code === "version",
    );
  refused({ versions: [2, 3] }, parseHello);
  refused({ versions: [] }, parseHello);
  refused({ version: 2 }, parseWelcome);
  assert.deepEqual(parseHello(json({ ...hello, versions: [2, 1] })).versions, [2, 1]);
});

test("limits that do not fit together are told from those that cannot be read", () => {
  const wrong = { ...limits, messageBytesMax: 2 ** 24 };
  for (const parse of [
    () => parseHello(json({ ...hello, limits: wrong })),
    () => parseWelcome(json({ ...onWire, limits: wrong })),
  ]) {
    assert.throws(parse, (error) => error instanceof Refusal && error.code === "limits");
  }
});

test("an auth that cannot be said is the caller's mistake", () => {
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  assert.throws(() => encodeHello({ ...hello, auth: cyclic }), UsageError);
  const room = handshakeBytesMax - encodeHello({ ...hello, auth: "" }).length;
  assert.equal(encodeHello({ ...hello, auth: "x".repeat(room) }).length, handshakeBytesMax);
  assert.throws(() => encodeHello({ ...hello, auth: "x".repeat(room + 1) }), {
    message: "auth makes HELLO 8193 bytes long, of at most 8192; send it in the first message",
  });
});

test("terms are the same if version, features and limits are", () => {
  const { client } = session();
  const terms = { version: 1, features: [], limits };
  assert.ok(sameTerms(terms, client, client.clientLimits));
  assert.ok(!sameTerms({ ...terms, version: 2 }, client, client.clientLimits));
  assert.ok(!sameTerms({ ...terms, features: ["zip"] }, client, client.clientLimits));
  const both = { ...client, features: ["zip", "zap"] };
  assert.ok(sameTerms({ ...terms, features: ["zap", "zip"] }, both, both.clientLimits));
  assert.ok(!sameTerms({ ...terms, features: ["zap"] }, both, both.clientLimits));
  assert.ok(!sameTerms({ ...terms, limits: { ...limits, streamsMax: 1 } }, client, client.clientLimits));
});
