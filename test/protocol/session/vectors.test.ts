// The test vectors and the code say the same, both ways, and the page shows them as they are.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash, createHmac } from "node:crypto";
import { suite, test } from "node:test";
import { ClientHandshake } from "../../../src/protocol/session/client-handshake.js";
import {
  type FrameName,
  frameRules,
  frameTypes,
  headerBytes,
  lastFlag,
  readUint24,
  readUint32,
  readUint64,
  writeHeader,
  writeUint64,
} from "../../../src/protocol/session/frames.js";
import { decodeOpen, encodeOpenHead } from "../../../src/protocol/session/open-frame.js";
import type { SessionLimits } from "../../../src/protocol/session/session-limits.js";
import * as words from "../../../src/protocol/session/words.js";
import { joined } from "../../../src/testing/cuts.js";
import { fromHex, limits, rejection, server, toHex, vectors } from "../../support/handshakes.js";

interface Fields {
  readonly name: string;
  readonly metadata?: unknown;
  readonly message: string | null;
  readonly received: number;
  readonly bytesAllowed: number;
  readonly messagesTaken: number;
  readonly bytes: string;
  readonly code: string;
  readonly reason: string;
  readonly retryAfterMs: number;
  readonly final: number;
}

interface FrameVector {
  readonly title: string;
  readonly name: FrameName;
  readonly last: boolean;
  readonly stream: number;
  readonly seq: number;
  readonly fields: Fields;
  readonly hex: string;
}

interface Payload {
  encode(fields: Fields): Uint8Array;
  decode(payload: Uint8Array): object;
}

const none = new Uint8Array(0);
const pinged: Payload = {
  encode: ({ bytes }) => fromHex(bytes),
  decode: (payload) => ({ bytes: toHex(payload) }),
};
const empty: Payload = { encode: () => none, decode: () => ({}) };

/** How each kind of payload is written and read. */
const payloads: { readonly [Name in FrameName]?: Payload } = {
  open: {
    encode({ name, metadata, message }) {
      const head = encodeOpenHead({ name, metadata }, message !== null, limits.openBytesMax);
      return joined([head, message === null ? none : fromHex(message)]);
    },
    decode(payload) {
      const { name, metadata, message } = decodeOpen(payload);
      const hex = message === undefined ? null : toHex(message);
      return { name, ...(metadata === undefined ? {} : { metadata }), message: hex };
    },
  },
  data: {
    encode: ({ message }) => fromHex(message ?? ""),
    decode: (payload) => ({ message: toHex(payload) }),
  },
  end: empty,
  closeAck: empty,
  abort: { encode: words.encodeAbort, decode: words.decodeAbort },
  goAway: { encode: words.encodeGoAway, decode: words.decodeGoAway },
  close: { encode: words.encodeClose, decode: words.decodeClose },
  reject: { encode: words.encodeReject, decode: words.decodeReject },
  ping: pinged,
  pong: pinged,
  ack: {
    encode: ({ received }) => counters(received),
    decode: (payload) => ({ received: readUint64(payload, 0) }),
  },
  credit: {
    encode: ({ bytesAllowed, messagesTaken }) => counters(bytesAllowed, messagesTaken),
    decode: (payload) => ({ bytesAllowed: readUint64(payload, 0), messagesTaken: readUint64(payload, 8) }),
  },
};

function counters(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(8 * values.length);
  for (const [at, value] of values.entries()) writeUint64(bytes, 8 * at, value);
  return bytes;
}

suite("frames.json", () => {
  const frames = vectors<FrameVector[]>("frames");

  test("has every frame that is not of the handshake alone", () => {
    const inHandshake = ["hello", "welcome", "resume", "resumed"];
    const missing = Object.keys(frameTypes).filter((name) => !frames.some((frame) => frame.name === name));
    assert.deepEqual(missing, inHandshake);
  });

  for (const { title, name, last, stream, seq, fields, hex } of frames) {
    test(title, () => {
      const wire = fromHex(hex);
      const type = frameTypes[name] | (last ? lastFlag : 0);
      assert.equal(frameRules[wire[3] ?? 0]?.name, name);
      assert.equal(wire[3], type);
      assert.equal(readUint24(wire, 0), wire.length - headerBytes);
      assert.equal(readUint32(wire, 4), stream);
      assert.equal(readUint32(wire, 8), seq);
      assert.deepEqual(payloads[name]?.decode(wire.subarray(headerBytes)), fields);

      const payload = payloads[name]?.encode(fields) ?? none;
      const written = new Uint8Array(headerBytes + payload.length);
      writeHeader(written, 0, type, payload.length, stream, seq);
      written.set(payload, headerBytes);
      assert.equal(toHex(written), hex);
    });
  }
});

interface ResumeVector {
  readonly title: string;
  readonly exporter: string | null;
  readonly epoch: number;
  readonly clientReceived: number;
  readonly serverReceived: number;
  readonly proof: string;
  readonly answerProof: string;
  readonly client: string;
  readonly server: string;
}

interface SessionVector {
  readonly title: string;
  readonly auth: unknown;
  readonly exporter: string | null;
  readonly clientLimits: SessionLimits;
  readonly serverLimits: SessionLimits;
  readonly id: string;
  readonly secret: string;
  readonly ttlMs: number;
  readonly bound: boolean;
  readonly client: string;
  readonly server: string;
  readonly resumes: readonly ResumeVector[];
}

const exporterOf = (hex: string | null) => (hex === null ? undefined : fromHex(hex));

suite("handshake.json", () => {
  for (const vector of vectors<SessionVector[]>("handshake")) {
    test(`${vector.title}, and each of its resumes`, () => {
      const { clientLimits, serverLimits, ttlMs, bound } = vector;
      const exporter = exporterOf(vector.exporter);
      const client = new ClientHandshake({ limits: clientLimits, exporter, auth: vector.auth ?? undefined });
      assert.equal(toHex(client.output), vector.client);
      const machine = server([], { limits: serverLimits, ttlMs, exporter });
      assert.equal(machine.receive(client.output)?.kind, "hello");
      const { answer, key } = machine.welcome(fromHex(vector.id), fromHex(vector.secret));
      assert.equal(toHex(answer), vector.server);
      const outcome = client.receive(answer);
      assert.ok(outcome?.kind === "welcome");
      assert.deepEqual(outcome.key, key);
      assert.equal(key.bound, bound);

      for (const resume of vector.resumes) {
        const link = exporterOf(resume.exporter);
        outcome.key.epoch = resume.epoch - 1;
        const next = new ClientHandshake({
          exporter: link,
          resume: { key: outcome.key, received: resume.clientReceived },
        });
        assert.equal(toHex(next.output), resume.client, resume.title);
        const again = server([key], { exporter: link });
        const asked = again.receive(next.output);
        assert.ok(asked?.kind === "resume");
        assert.equal(asked.received, resume.clientReceived);
        const resumed = again.resumed(resume.serverReceived);
        assert.equal(toHex(resumed), resume.server, resume.title);
        assert.deepEqual(next.receive(resumed), {
          kind: "resumed",
          received: resume.serverReceived,
          rest: none,
        });
      }
    });

    test(`${vector.title}: its proofs are those of node:crypto`, () => {
      const { secret, bound, exporter, client, resumes } = vector;
      if (exporter !== null) {
        const hash = createHash("sha256").update(fromHex(exporter)).digest("hex");
        assert.ok(Buffer.from(client, "hex").includes(`"exporterHash":"${hash}"`));
      }
      const json = (hex: string) => Buffer.from(hex, "hex").subarray(9 + headerBytes, -32);
      for (const resume of resumes) {
        const binding = bound ? String(resume.exporter) : "";
        const proof = createHmac("sha256", fromHex(secret))
          .update("holdfast/1 resume")
          .update(binding, "hex")
          .update(json(resume.client))
          .digest("hex");
        const answerProof = createHmac("sha256", fromHex(secret))
          .update("holdfast/1 resumed")
          .update(proof, "hex")
          .update(json(resume.server))
          .digest("hex");
        assert.deepEqual([proof, answerProof], [resume.proof, resume.answerProof]);
        assert.ok(resume.client.endsWith(proof) && resume.server.endsWith(answerProof));
      }
    });
  }
});

interface Refused {
  readonly handshake: {
    readonly session: Omit<SessionVector, "title"> & { readonly epoch: number };
    readonly refused: readonly { readonly title: string; readonly code: string; readonly hex: string }[];
  };
}

suite("refused.json: what a server refuses in the handshake", () => {
  const { session, refused } = vectors<Refused>("refused").handshake;
  for (const { title, code, hex } of refused) {
    test(title, () => {
      const { id, clientLimits, serverLimits, bound, epoch } = session;
      const secret = fromHex(session.secret);
      const key = { id, secret, version: 1, features: [], clientLimits, serverLimits, bound, epoch };
      const outcome = server([key]).receive(fromHex(hex));
      assert.ok(outcome?.kind === "refused", `not refused: ${outcome?.kind}`);
      assert.equal(outcome.code, code, outcome.reason);
      if (code !== "foreign") assert.equal(rejection(outcome.answer).code, code);
      assert.equal(key.epoch, epoch);
    });
  }
});

test("the examples of docs/PROTOCOL.md are these vectors", () => {
  const check = spawnSync(process.execPath, ["scripts/protocol-examples.js", "--check"], {
    encoding: "utf8",
  });
  assert.equal(check.stderr, "");
  assert.equal(check.status, 0);
});
