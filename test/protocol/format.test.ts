import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { bytes } from "../../src/protocol/encoding/bytes.js";
import { json } from "../../src/protocol/encoding/json.js";
import { text } from "../../src/protocol/encoding/text.js";
import { withSchema } from "../../src/protocol/encoding/with-schema.js";
import { checkFormat } from "../../src/protocol/format.js";
import { chunks } from "../../src/protocol/framing/chunks.js";
import { delimited } from "../../src/protocol/framing/delimited.js";
import { lengthPrefixed } from "../../src/protocol/framing/length-prefixed.js";
import { lines } from "../../src/protocol/framing/lines.js";

test("chunks go with bytes and text only, and the error says what to use instead", () => {
  checkFormat(chunks(), bytes());
  checkFormat(chunks(), text({ charset: "latin1" }));
  assert.throws(() => checkFormat(chunks(), json()), {
    name: "UsageError",
    message:
      "json() needs a framing that keeps messages apart, and chunks() does not; " +
      "use lengthPrefixed(), or lines() where messages are text or JSON",
  });
  assert.throws(() => checkFormat(chunks(), withSchema(text(), z.string())), {
    message: /^withSchema\(text\) needs/,
  });
});

test("a framing that keeps messages apart goes with every encoding", () => {
  for (const framing of [lines(), delimited("\0"), lengthPrefixed()]) {
    for (const encoding of [bytes(), text(), json(), withSchema(json(), z.string())]) {
      checkFormat(framing, encoding);
    }
  }
});
