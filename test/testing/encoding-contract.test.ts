import assert from "node:assert/strict";
import { test } from "node:test";
import { ProtocolError } from "../../src/core/errors.js";
import type { Encoder, Encoding } from "../../src/protocol/encoding/encoding.js";
import { type EncodingSamples, encodingContract } from "../../src/testing/encoding-contract.js";
import { brokenPromises } from "./broken-promises.js";

// Strings of ASCII, written as a user would, with one mistake at a time.
const mistakes = {
  "loses a byte": /come back the same/,
  "remembers the message before": /whatever was read before/,
  "writes another form": /the examples are what goes over the wire/,
  "sends what it cannot hold": /refused by local/,
  "reads what it must not": /refused by remote/,
  "changes the frame": /leaves the frame as it was/,
  "throws what is no SocketError": /nothing but SocketErrors/,
  "cannot be cut after all": /cut anywhere/,
} as const;
type Mistake = keyof typeof mistakes;

function ascii(mistake?: Mistake): Encoding<string> {
  return { name: "ascii", anyCut: true, open: () => new AsciiEncoder(mistake) };
}

class AsciiEncoder implements Encoder<string> {
  readonly #mistake: Mistake | undefined;
  #before = "";

  constructor(mistake: Mistake | undefined) {
    this.#mistake = mistake;
  }

  encode(message: string): Uint8Array {
    if (!/^[\0-\x7f]*$/.test(message) && this.#mistake !== "sends what it cannot hold") {
      throw new ProtocolError("ERR_INVALID_MESSAGE", "local", "not ASCII");
    }
    const sent = this.#mistake === "writes another form" ? `${message} ` : message;
    return Uint8Array.from(sent, (character) => character.charCodeAt(0));
  }

  decode(frame: Uint8Array, cut: boolean): string {
    if (frame.some((byte) => byte >= 0x80) && this.#mistake !== "reads what it must not") {
      const reason = "not ASCII";
      if (this.#mistake === "throws what is no SocketError") throw new RangeError(reason);
      throw new ProtocolError("ERR_INVALID_BYTES", "remote", reason);
    }
    let message = String.fromCharCode(...frame);
    if (this.#mistake === "writes another form") message = message.trimEnd();
    if (this.#mistake === "loses a byte") message = message.slice(1);
    if (this.#mistake === "changes the frame") frame.fill(0);
    if (this.#mistake === "cannot be cut after all" && cut) message = message.toUpperCase();
    if (this.#mistake === "remembers the message before") {
      message = `${this.#before}${message}`;
      this.#before = frame.length > 3 ? "!" : "";
    }
    return message;
  }

  end(): void {}
}

const samples: EncodingSamples<string> = {
  messages: [{ sent: "" }, { sent: "abc" }, { sent: "longer" }],
  examples: [{ message: "hi", bytes: Uint8Array.of(104, 105) }],
  unsendable: ["é"],
  broken: [Uint8Array.of(0x80)],
  seed: 1,
};

test("an encoding that keeps every promise passes, with or without the optional samples", async () => {
  assert.deepEqual(await brokenPromises((register) => encodingContract(register, ascii(), samples)), []);
  const { messages } = samples;
  assert.deepEqual(await brokenPromises((register) => encodingContract(register, ascii(), { messages })), []);
});

for (const [mistake, promise] of Object.entries(mistakes)) {
  test(`an encoding that ${mistake} is found out`, async () => {
    const encoding = ascii(mistake as Mistake);
    const broken = await brokenPromises((register) => encodingContract(register, encoding, samples));
    assert.ok(
      broken.some((name) => promise.test(name)),
      `found only: ${broken.join(" | ")}`,
    );
  });
}
