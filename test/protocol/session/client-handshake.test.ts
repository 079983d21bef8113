// The client's side: what it sends first, and which answers it believes.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { ProtocolError, UsageError } from "../../../src/core/errors.js";
import { ClientHandshake } from "../../../src/protocol/session/client-handshake.js";
import { encodeHandshake, preamble } from "../../../src/protocol/session/handshake-wire.js";
import { proofBytes, resumedProof } from "../../../src/protocol/session/proofs.js";
import { cutAnywhere, joined, seeded } from "../../../src/testing/cuts.js";
import {
  bytesOf,
  id,
  inEveryCut,
  limits,
  said,
  secret,
  server,
  session,
  toHex,
  ttlMs,
} from "../../support/handshakes.js";

const exporter = new Uint8Array(32).fill(0xa0);
const behind = bytesOf("the first frame");
const welcome = {
  version: 1,
  features: [] as string[],
  id: toHex(id),
  secret: toHex(secret),
  ttlMs,
  limits,
  bound: false,
};
const resumed = { version: 1, features: [] as string[], limits, epoch: 1, received: 3 };

const fresh = () => new ClientHandshake({ limits });
const resuming = (keys = session()) => new ClientHandshake({ resume: { key: keys.client, received: 5 } });

function fails(code: string, message: RegExp, act: () => unknown): void {
  assert.throws(act, (error) => {
    assert.ok(error instanceof ProtocolError, String(error));
    assert.equal(error.code, code);
    assert.equal(error.by, "remote");
    assert.match(error.message, message);
    return true;
  });
}

/** RESUMED as somebody who knows the secret can write it, of whatever it says. */
function proven(client: ClientHandshake, body: object): Uint8Array {
  const proof = client.output.subarray(-proofBytes);
  return said("resumed", body, resumedProof(secret, proof, bytesOf(JSON.stringify(body))));
}

test("WELCOME in any cut, and what came behind it", () => {
  const outcome = fresh().receive(joined([said("welcome", welcome), behind]));
  assert.ok(outcome?.kind === "welcome");
  const { rest, ...settled } = outcome;
  assert.deepEqual(rest, behind);
  assert.deepEqual(settled, {
    kind: "welcome",
    ttlMs,
    key: {
      id: toHex(id),
      secret,
      version: 1,
      features: [],
      clientLimits: limits,
      serverLimits: limits,
      bound: false,
      epoch: 0,
    },
  });
  assert.equal(inEveryCut(said("welcome", welcome), fresh).kind, "welcome");
});

test("RESUMED in any cut, and what came behind it", () => {
  const keys = session();
  const client = resuming(keys);
  const machine = server([keys.server]);
  assert.equal(machine.receive(client.output)?.kind, "resume");
  const answer = machine.resumed(3);
  assert.deepEqual(client.receive(joined([answer, behind])), { kind: "resumed", received: 3, rest: behind });
  assert.equal(inEveryCut(answer, resuming).kind, "resumed");
});

test("each attempt raises the epoch, and its answer is no answer to another", () => {
  const keys = session();
  const first = resuming(keys);
  const second = resuming(keys);
  assert.equal(keys.client.epoch, 2);
  const machine = server([keys.server]);
  machine.receive(first.output);
  const answer = machine.resumed(0);
  fails("ERR_PROOF", /does not know the session's secret/, () => second.receive(answer));
  assert.equal(first.receive(answer)?.kind, "resumed");
});

test("REJECT to either, with when to come again", () => {
  const outcome = { kind: "rejected", code: "busy", reason: "full", retryAfterMs: 1_000 };
  for (const client of [fresh, resuming]) {
    const wire = server().reject("busy", "full", 1_000);
    assert.deepEqual(inEveryCut(wire, client), outcome);
  }
});

test("a proof that is wrong is an impostor's, whatever it says: nothing of it is read", () => {
  const impostor = (wire: Uint8Array) => fails("ERR_PROOF", /does not know/, () => resuming().receive(wire));
  impostor(said("resumed", resumed, new Uint8Array(32)));
  impostor(said("resumed", "no JSON", new Uint8Array(32)));
  impostor(said("resumed", { ...resumed, version: 2 }, new Uint8Array(32)));
  const answer = proven(resuming(), resumed);
  for (let at = preamble.length + 12; at < answer.length; at += 1) {
    impostor(answer.with(at, (answer[at] ?? 0) ^ 1));
  }
});

test("what was settled cannot be changed", () => {
  for (const change of [{ version: 2 }, { features: ["zip"] }, { limits: { ...limits, streamsMax: 1 } }]) {
    const client = resuming();
    fails("ERR_CHANGED", /other parameters/, () => client.receive(proven(client, { ...resumed, ...change })));
  }
});

test("a proven answer that makes no sense is refused all the same", () => {
  for (const change of [{ epoch: 2 }, { epoch: 0 }, { received: -1 }, { received: undefined }]) {
    const client = resuming();
    fails("ERR_INVALID_MESSAGE", /epoch|received/, () =>
      client.receive(proven(client, { ...resumed, ...change })),
    );
  }
});

suite("a WELCOME that nobody asked for in this way", () => {
  const refused: [why: string, change: object, code: string, message: RegExp][] = [
    ["another version", { version: 2 }, "ERR_VERSION", /version 2/],
    ["features that were not offered", { features: ["zip"] }, "ERR_INVALID_MESSAGE", /features/],
    ["a binding to a TLS connection that is not there", { bound: true }, "ERR_INVALID_MESSAGE", /TLS/],
    [
      "limits that break a relation",
      { limits: { ...limits, openBytesMax: 63 } },
      "ERR_INVALID_MESSAGE",
      /openBytesMax/,
    ],
    ["half a secret", { secret: "00".repeat(16) }, "ERR_INVALID_MESSAGE", /secret/],
  ];
  for (const [why, change, code, message] of refused) {
    test(why, () => fails(code, message, () => fresh().receive(said("welcome", { ...welcome, ...change }))));
  }
});

suite("a session bound to TLS", () => {
  test("is resumed with the exporter of the link that it comes on", () => {
    const keys = session(exporter);
    const link = new Uint8Array(32).fill(0xb1);
    const client = new ClientHandshake({ exporter: link, resume: { key: keys.client, received: 0 } });
    const machine = server([keys.server], { exporter: link });
    assert.equal(machine.receive(client.output)?.kind, "resume");
    assert.equal(client.receive(machine.resumed(0))?.kind, "resumed");
  });

  test("is not resumed on a link without: nothing is sent, and no epoch is used", () => {
    const keys = session(exporter);
    fails("ERR_PROOF", /this link has none/, () => resuming(keys));
    assert.equal(keys.client.epoch, 0);
  });
});

suite("who is no session server is told by name", () => {
  const cases: [who: string, bytes: Uint8Array, code: string, message: RegExp][] = [
    [
      "a web server",
      bytesOf("HTTP/1.1 400 Bad Request"),
      "ERR_INVALID_BYTES",
      /looks like HTTP.*; check the port/,
    ],
    [
      "a TLS server",
      new Uint8Array([21, 3, 3, 0, 2, 2, 40]),
      "ERR_INVALID_BYTES",
      /looks like TLS.*tls:\/\//,
    ],
    ["a mail server", bytesOf("220 mail ESMTP\r\n"), "ERR_INVALID_BYTES", /plain program.*"220 mail ESMTP/],
    ["a later version", joined([bytesOf("HOLDFAST"), Uint8Array.of(2)]), "ERR_VERSION", /protocol 1.*not 2/],
  ];
  for (const [who, bytes, code, message] of cases) {
    test(who, () => fails(code, message, () => fresh().receive(bytes)));
  }

  test("an echo, which sends our own words back", () => {
    fails("ERR_INVALID_MESSAGE", /kind hello came where welcome or reject/, () =>
      fresh().receive(fresh().output),
    );
  });

  test("a server that answers another question", () => {
    fails("ERR_INVALID_MESSAGE", /kind welcome came/, () => resuming().receive(said("welcome", welcome)));
    fails("ERR_INVALID_MESSAGE", /kind resumed came/, () =>
      fresh().receive(encodeHandshake("resumed", bytesOf("{}"), new Uint8Array(32))),
    );
    fails("ERR_INVALID_MESSAGE", /code/, () => fresh().receive(said("reject", {})));
  });
});

test("an auth that has no JSON form is the caller's mistake", () => {
  assert.throws(() => new ClientHandshake({ limits, auth: 1n }), UsageError);
});

test("garbage ends in a ProtocolError by the remote side or in nothing, and never in a resumed session", () => {
  const answer = said("resumed", resumed, new Uint8Array(32));
  const wires = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => joined([preamble, bytes])),
    fc.tuple(fc.nat(answer.length - 1), fc.nat(255)).map(([at, byte]) => answer.with(at, byte)),
  );
  fc.assert(
    fc.property(wires, fc.nat(), (wire, seed) => {
      const client = resuming();
      try {
        for (const piece of cutAnywhere(seeded(seed))(wire)) assert.equal(client.receive(piece), undefined);
      } catch (error) {
        assert.ok(error instanceof ProtocolError && error.by === "remote", String(error));
      }
    }),
  );
});
