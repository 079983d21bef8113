import assert from "node:assert/strict";
import { test } from "node:test";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { z } from "zod";
import { ProtocolError, UsageError } from "../../../src/core/errors.js";
import type { Encoding } from "../../../src/protocol/encoding/encoding.js";
import { json } from "../../../src/protocol/encoding/json.js";
import { text } from "../../../src/protocol/encoding/text.js";
import { withSchema } from "../../../src/protocol/encoding/with-schema.js";
import { encodingContract } from "../../../src/testing/encoding-contract.js";

const Move = z.object({ player: z.string(), x: z.number(), y: z.number().default(0) });
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

encodingContract(test, withSchema(json(), Move), {
  messages: [
    { sent: { player: "a", x: 1, y: 2 } },
    { sent: { player: "a", x: 1 }, received: { player: "a", x: 1, y: 0 } },
  ],
  examples: [{ message: { player: "a", x: 1, y: 2 }, bytes: bytesOf({ player: "a", x: 1, y: 2 }) }],
  unsendable: [undefined, null, {}, { player: 1, x: 1 }, "text"],
  broken: [bytesOf({}), bytesOf({ player: "a", x: "1" }), Uint8Array.of(0x7b)],
});

encodingContract(test, withSchema(text(), z.string().regex(/^\d+$/).transform(Number)), {
  name: "withSchema(text, a transform)",
  messages: [{ sent: "42", received: 42 }],
  unsendable: ["4 2", ""],
  broken: [Uint8Array.of(0x61)],
});

test("the schema's input is what is sent and its output what is received, in types as in values", () => {
  const encoding: Encoding<
    { player: string; x: number; y?: number | undefined },
    { player: string; x: number; y: number }
  > = withSchema(json(), Move);
  const encoder = encoding.open();
  const received = encoder.decode(encoder.encode({ player: "a", x: 1 }).slice(), false);
  assert.equal(received?.y, 0);
});

test("what is sent is the caller's own value: defaults and transforms run once, at the receiver", () => {
  const frame = withSchema(json(), Move).open().encode({ player: "a", x: 1 });
  assert.deepEqual(frame, bytesOf({ player: "a", x: 1 }));
});

test("an error lists what is wrong by its path, and whose fault it is", () => {
  const Team = z.object({ members: z.array(z.object({ name: z.string() })) });
  const encoder = withSchema(json(), Team).open();
  const wrong = { members: [{ name: "a" }, { name: 1 as unknown as string }] };
  assert.throws(() => encoder.encode(wrong), {
    code: "ERR_INVALID_MESSAGE",
    by: "local",
    message: /members\[1\]\.name: /,
  });
  assert.throws(() => encoder.decode(bytesOf(wrong), false), {
    by: "remote",
    message: /members\[1\]\.name: /,
  });
});

test("an error stays short and harmless however much is wrong with a message", () => {
  const schema = z.record(z.string(), z.number());
  const hostile = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, i) => [`\u001b[2J${"k".repeat(500)}${i}`, "x"]),
  );
  assert.throws(
    () => withSchema(json(), schema).open().decode(bytesOf(hostile), false),
    (error) => {
      assert.ok(error instanceof ProtocolError);
      assert.match(error.message, /and 997 more$/);
      assert.ok(error.message.length < 500);
      assert.ok(!error.message.includes("\u001b"));
      return true;
    },
  );
});

test("a schema that validates asynchronously is a UsageError, and its own failure goes no further", async () => {
  const late = schemaOf(() => Promise.reject(new Error("too late")));
  const encoder = withSchema(json(), late).open();
  assert.throws(() => encoder.encode(1), UsageError);
  assert.throws(() => encoder.decode(bytesOf(1), false), /asynchronously/);
  // An unhandled rejection would fail this test when the loop turns.
  await new Promise((resolve) => setImmediate(resolve));
});

test("a schema that throws is told as a message that cannot be taken", () => {
  const cause = new Error("my bug");
  const encoder = withSchema(
    json(),
    schemaOf(() => {
      throw cause;
    }),
  ).open();
  assert.throws(() => encoder.encode(1), { by: "local", cause });
  assert.throws(() => encoder.decode(bytesOf(1), false), { by: "remote", cause });
});

test("a schema that makes undefined of a message is a UsageError, since undefined stands for the end", () => {
  const encoder = withSchema(
    json(),
    z.unknown().transform(() => undefined),
  ).open();
  assert.throws(() => encoder.decode(bytesOf(1), false), UsageError);
});

test("issues may name keys as segments, as the specification allows", () => {
  const issues = [
    { message: "is odd", path: [{ key: "a" }, { key: 0 }, Symbol("s")] },
    { message: "is bad" },
  ];
  const encoder = withSchema(
    json(),
    schemaOf(() => ({ issues })),
  ).open();
  assert.throws(() => encoder.encode(1), {
    message: "the message breaks the schema: a[0].Symbol(s): is odd; is bad",
  });
});

test("something that is no Standard Schema is a UsageError at once", () => {
  assert.throws(() => withSchema(json(), {} as StandardSchemaV1), UsageError);
  assert.throws(() => withSchema(json(), undefined as unknown as StandardSchemaV1), UsageError);
});

function schemaOf(validate: StandardSchemaV1["~standard"]["validate"]): StandardSchemaV1 {
  return { "~standard": { version: 1, vendor: "test", validate } };
}
