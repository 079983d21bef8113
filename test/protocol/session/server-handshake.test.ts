// The server's side: whom it welcomes, whom it lets resume, and what everybody else is told.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { ClientHandshake } from "../../../src/protocol/session/client-handshake.js";
import { headerBytes } from "../../../src/protocol/session/frames.js";
import { parseWelcome } from "../../../src/protocol/session/handshake-bodies.js";
import { encodeHandshake, preamble } from "../../../src/protocol/session/handshake-wire.js";
import { resumeProof } from "../../../src/protocol/session/proofs.js";
import { cutAnywhere, joined, seeded } from "../../../src/testing/cuts.js";
import {
  bytesOf,
  id,
  inEveryCut,
  limits,
  rejection,
  said,
  secret,
  server,
  session,
  toHex,
  ttlMs,
} from "../../support/handshakes.js";

const exporter = new Uint8Array(32).fill(0xa0);
const otherExporter = new Uint8Array(32).fill(0xb1);
const behind = bytesOf("the first frame");
const hello = { versions: [1], features: [], limits };
const resume = { version: 1, features: [], limits, id: toHex(id), epoch: 1, received: 5 };

/** A RESUME as somebody who knows the secret can write it, of whatever it says. */
function proven(body: object, binding: Uint8Array = new Uint8Array(0)): Uint8Array {
  return said("resume", body, resumeProof(secret, binding, bytesOf(JSON.stringify(body))));
}

function refusedCode(wire: Uint8Array, machine = server([session().server])): string {
  const outcome = machine.receive(wire);
  assert.ok(outcome?.kind === "refused", outcome?.kind);
  assert.equal(rejection(outcome.answer).code, outcome.code);
  return outcome.code;
}

test("HELLO in any cut, and what came behind it", () => {
  const { output } = new ClientHandshake({ limits, auth: { token: "a" } });
  const outcome = server().receive(joined([output, behind]));
  assert.ok(outcome?.kind === "hello");
  assert.deepEqual(outcome.hello.auth, { token: "a" });
  assert.deepEqual(outcome.rest, behind);
  assert.ok(inEveryCut(output, () => server()).kind === "hello");
});

test("WELCOME says what was settled, and the key keeps it", () => {
  const clientLimits = { ...limits, streamsMax: 3 };
  const machine = server();
  machine.receive(new ClientHandshake({ limits: clientLimits }).output);
  const { answer, key } = machine.welcome(id, secret);
  const settled = { id: toHex(id), secret, version: 1, features: [], bound: false };
  assert.deepEqual(key, { ...settled, clientLimits, serverLimits: limits, epoch: 0 });
  const payload = answer.subarray(preamble.length + headerBytes);
  assert.deepEqual(parseWelcome(payload), { ...settled, limits, ttlMs });
});

test("RESUME in any cut, and what came behind it; the epoch is taken", () => {
  const keys = session();
  const { output } = new ClientHandshake({ resume: { key: keys.client, received: 5 } });
  const outcome = server([keys.server]).receive(joined([output, behind]));
  assert.ok(outcome?.kind === "resume");
  assert.equal(outcome.key, keys.server);
  assert.equal(outcome.received, 5);
  assert.deepEqual(outcome.rest, behind);
  assert.equal(keys.server.epoch, 1);
  assert.ok(inEveryCut(output, () => server([session().server])).kind === "resume");
});

test("an epoch is taken once, and none below it", () => {
  const key = session().server;
  const replayed = proven({ ...resume, epoch: 4 });
  assert.equal(server([key]).receive(replayed)?.kind, "resume");
  assert.equal(refusedCode(replayed, server([key])), "stale");
  assert.equal(refusedCode(proven({ ...resume, epoch: 3 }), server([key])), "stale");
  assert.equal(server([key]).receive(proven({ ...resume, epoch: 6 }))?.kind, "resume");
});

test("whoever cannot prove changes nothing, and learns nothing: not even that there is a session", () => {
  const key = session().server;
  key.epoch = 9;
  const wrong = said("resume", resume, new Uint8Array(32));
  const unknown = proven({ ...resume, id: "f".repeat(32) });
  // Nothing is looked at before the proof, so nothing else is told.
  const senseless = said("resume", { id: resume.id, epoch: "none" }, new Uint8Array(32));
  const [first, ...others] = [wrong, unknown, senseless].map((wire) => server([key]).receive(wire));
  assert.ok(first?.kind === "refused" && first.code === "unknown");
  for (const other of others) assert.deepEqual(other, first);
  assert.equal(key.epoch, 9);
});

test("the secret that stands for unknown ids opens nothing", () => {
  const decoySecret = new Uint8Array(32).fill(255);
  const body = { ...resume, id: "f".repeat(32) };
  const wire = said(
    "resume",
    body,
    resumeProof(decoySecret, new Uint8Array(0), bytesOf(JSON.stringify(body))),
  );
  assert.equal(refusedCode(wire, server([], { decoySecret })), "unknown");
});

test("what was settled cannot be changed, and the attempt takes no epoch", () => {
  const key = session().server;
  for (const change of [
    { version: 2 },
    { features: ["zip"] },
    { limits: { ...limits, messageBytesMax: 64 } },
    { limits: { ...limits, outboxBytesMax: 0 } },
  ]) {
    assert.equal(refusedCode(proven({ ...resume, ...change }), server([key])), "changed");
  }
  assert.equal(key.epoch, 0);
});

suite("a session bound to TLS", () => {
  test("is one whose both sides see the same connection", () => {
    const outcome = (here?: Uint8Array, there?: Uint8Array) => {
      const machine = server([], { exporter: here });
      machine.receive(new ClientHandshake({ limits, exporter: there }).output);
      return machine.welcome(id, secret).key.bound;
    };
    assert.equal(outcome(exporter, exporter), true);
    assert.equal(outcome(exporter, otherExporter), false);
    assert.equal(outcome(exporter, undefined), false);
    assert.equal(outcome(undefined, exporter), false);
    assert.equal(outcome(), false);
  });

  test("can be required", () => {
    const required = (here?: Uint8Array) => server([], { exporter: here, bindingRequired: true });
    const bound = new ClientHandshake({ limits, exporter }).output;
    assert.equal(required(exporter).receive(bound)?.kind, "hello");
    assert.equal(refusedCode(bound, required(otherExporter)), "unbound");
    assert.equal(refusedCode(bound, required()), "unbound");
    assert.equal(refusedCode(new ClientHandshake({ limits }).output, required(exporter)), "unbound");
  });

  test("takes a proof for the link that it comes on, and for no other", () => {
    const resumed = (binding: Uint8Array | undefined, here: Uint8Array | undefined) =>
      server([session(exporter).server], { exporter: here }).receive(proven(resume, binding))?.kind;
    assert.equal(resumed(otherExporter, otherExporter), "resume");
    assert.equal(resumed(exporter, otherExporter), "refused");
    assert.equal(resumed(undefined, otherExporter), "refused");
    assert.equal(resumed(otherExporter, undefined), "refused");
    assert.equal(resumed(undefined, undefined), "refused");
  });
});

suite("whoever is refused is told why, in words of its own", () => {
  const text = (wire: Uint8Array) => {
    const outcome = inEveryCut(wire, () => coarse());
    assert.equal(outcome.code, "foreign");
    return new TextDecoder().decode(outcome.answer);
  };
  /** Without the reason, which quotes what there is at the time. */
  const coarse = () => {
    const machine = server();
    return {
      receive(chunk: Uint8Array) {
        const outcome = machine.receive(chunk);
        if (outcome === undefined) return undefined;
        assert.ok(outcome.kind === "refused");
        return { code: outcome.code, answer: outcome.answer };
      },
    };
  };

  test("a browser", () =>
    assert.match(text(bytesOf("GET / HTTP/1.1\r\n\r\n")), /^HTTP\/1\.1 400 .*\r\n\r\nHoldfast/s));
  test("a TLS client", () =>
    assert.equal(text(new Uint8Array([22, 3, 1, 2])), "\x15\x03\x03\x00\x02\x02\x28"));
  test("a person", () => assert.match(text(bytesOf("hello\n")), /^Holdfast sessions are served here.*\n$/));

  test("a client of another version", () => {
    assert.equal(refusedCode(joined([bytesOf("HOLDFAST"), Uint8Array.of(2)])), "version");
    assert.equal(refusedCode(said("hello", { ...hello, versions: [2] })), "version");
  });

  test("a client whose HELLO cannot be read", () => {
    for (const body of ["", "{", "[]", "[".repeat(8_192), `{"a":${"[".repeat(4_000)}${"]".repeat(4_000)}}`]) {
      assert.equal(refusedCode(said("hello", body)), "malformed");
    }
    assert.equal(refusedCode(encodeHandshake("ack", new Uint8Array(8))), "malformed");
  });

  test("a client whose limits break a relation", () => {
    assert.equal(
      refusedCode(said("hello", { ...hello, limits: { ...limits, mainCreditBytes: 64 } })),
      "limits",
    );
  });

  test("whomever the caller refuses, and when to come again", () => {
    const machine = server();
    machine.receive(new ClientHandshake({ limits }).output);
    const answer = machine.reject("busy", "too many sessions", 1_500);
    assert.deepEqual(rejection(answer), { code: "busy", reason: "too many sessions", retryAfterMs: 1_500 });
  });
});

test("an auth as deep as its frame is the application's to judge", () => {
  const deep = "[".repeat(3_900) + "]".repeat(3_900);
  const body = JSON.stringify({ ...hello, auth: null }).replace("null", deep);
  assert.equal(server().receive(said("hello", body))?.kind, "hello");
});

test("an answer to what nobody asked is a mistake of ours", () => {
  assert.throws(() => server().welcome(id, secret), /no HELLO/);
  assert.throws(() => server().resumed(0), /no RESUME/);
});

test("garbage behind a good preamble, or any of it changed, is refused and never thrown", () => {
  const { output } = new ClientHandshake({ limits });
  const wires = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => joined([preamble, bytes])),
    fc.tuple(fc.nat(output.length - 1), fc.nat(255)).map(([at, byte]) => output.with(at, byte)),
  );
  fc.assert(
    fc.property(wires, fc.nat(), (wire, seed) => {
      const machine = server();
      for (const piece of cutAnywhere(seeded(seed))(wire)) {
        if (machine.receive(piece) !== undefined) return;
      }
    }),
  );
});
