// Proofs, held against node:crypto.

import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import {
  bindingOf,
  equalBytes,
  exporterHash,
  resumedProof,
  resumeProof,
  splitProof,
} from "../../../src/protocol/session/proofs.js";

const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size });

test("proofs are HMAC-SHA-256 of a label, what the proof belongs to, and the JSON", () => {
  fc.assert(
    fc.property(
      bytes(32),
      fc.uint8Array({ maxLength: 32 }),
      fc.uint8Array({ maxLength: 500 }),
      (key, part, json) => {
        const byNode = (label: string) =>
          new Uint8Array(createHmac("sha256", key).update(label).update(part).update(json).digest());
        assert.deepEqual(resumeProof(key, part, json), byNode("holdfast/1 resume"));
        assert.deepEqual(resumedProof(key, part, json), byNode("holdfast/1 resumed"));
      },
    ),
  );
});

test("an exporter is said by its SHA-256", () => {
  const exporter = new Uint8Array(32).fill(7);
  assert.equal(exporterHash(exporter), createHash("sha256").update(exporter).digest("hex"));
});

test("bytes are equal if all of them are", () => {
  fc.assert(
    fc.property(bytes(32), fc.nat(31), fc.integer({ min: 1, max: 255 }), (one, at, change) => {
      const other = one.slice();
      assert.ok(equalBytes(one, other));
      other[at] = (other[at] ?? 0) ^ change;
      assert.ok(!equalBytes(one, other));
      assert.ok(!equalBytes(one, one.subarray(1)));
    }),
  );
});

test("the proof is what stands at the end", () => {
  const payload = Uint8Array.from({ length: 40 }, (_, at) => at);
  assert.deepEqual(splitProof(payload), { json: payload.subarray(0, 8), proof: payload.subarray(8) });
});

test("a session that is bound takes its link's exporter, and cannot do without", () => {
  const exporter = new Uint8Array(32);
  assert.equal(bindingOf({ bound: true }, exporter), exporter);
  assert.equal(bindingOf({ bound: true }, undefined), undefined);
  assert.deepEqual(bindingOf({ bound: false }, exporter), new Uint8Array(0));
});
