// The message link contract, tried on a link in memory, as it is and with one mistake each.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DisconnectedError } from "../../src/core/errors.js";
import { messageLinkContract } from "../../src/testing/message-link-contract.js";
import type { MessageLink, MessageLinkSink } from "../../src/transport/message-link.js";
import { shortReason } from "../../src/transport/websocket/close-codes.js";
import { brokenPromises } from "./broken-promises.js";

type Mistake =
  | "none"
  | "kind"
  | "parts"
  | "deaf to pauses"
  | "long reasons"
  | "silent abort"
  | "reentrant"
  | "no code"
  | "never full";

type Call = (sink: MessageLinkSink) => void;

/** At most so much waits for a reader that is paused. */
const heldMax = 1_000_000;

class MemoryLink implements MessageLink {
  readonly id: number;
  readonly local = "memory:a";
  readonly remote = "memory:b";
  readonly #mistake: Mistake;
  peer: MemoryLink | undefined;
  #sink: MessageLinkSink | undefined;
  readonly #due: Call[] = [];
  #heldBytes = 0;
  #parts = "";
  #isPaused = true;
  #isOver = false;
  #isWaiting = false;

  constructor(id: number, mistake: Mistake) {
    this.id = id;
    this.#mistake = mistake;
  }

  start(sink: MessageLinkSink): void {
    this.#sink = sink;
    this.resume();
  }

  send(payload: Uint8Array, isText: boolean, isLast: boolean): boolean {
    const { peer } = this;
    if (peer === undefined || this.#isOver) return false;
    this.#parts += Buffer.from(payload).toString("latin1");
    if (isLast || this.#mistake === "parts") {
      const whole = Buffer.from(this.#parts, "latin1");
      this.#parts = "";
      peer.#heldBytes += whole.length;
      peer.#push((sink) => {
        peer.#heldBytes -= whole.length;
        sink.onMessage(whole, this.#mistake === "kind" ? false : isText);
        if (this.#isWaiting && peer.#heldBytes < heldMax) {
          this.#isWaiting = false;
          this.#push((own) => own.onWritten());
        }
      });
      if (this.#mistake === "reentrant") this.#sink?.onWritten();
    }
    this.#isWaiting = peer.#heldBytes >= heldMax && this.#mistake !== "never full";
    return !this.#isWaiting;
  }

  pause(): void {
    this.#isPaused = this.#mistake !== "deaf to pauses";
  }

  resume(): void {
    this.#isPaused = false;
    setImmediate(() => this.#deliver());
  }

  close(code: number, reason: string): void {
    const said = this.#mistake === "long reasons" ? reason : shortReason(reason);
    this.#end((sink) => sink.onClosed(undefined, this.#mistake === "no code" ? undefined : code, said));
  }

  abort(): void {
    const lost = new DisconnectedError("ERR_CONNECTION_RESET", "the peer cut it");
    this.#due.length = 0;
    this.#end((sink) => sink.onClosed(this.#mistake === "silent abort" ? undefined : lost, undefined, ""));
  }

  #end(tellPeer: Call): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isPaused = false;
    this.#push((sink) => sink.onClosed(undefined, undefined, ""));
    const { peer } = this;
    if (peer === undefined || peer.#isOver) return;
    peer.#push((sink) => {
      peer.#isOver = true;
      tellPeer(sink);
    });
  }

  #push(call: Call): void {
    this.#due.push(call);
    setImmediate(() => this.#deliver());
  }

  #deliver(): void {
    while (this.#due.length > 0 && !this.#isPaused && this.#sink !== undefined) {
      this.#due.shift()?.(this.#sink);
    }
  }
}

function suite(mistake: Mistake) {
  return brokenPromises((register) =>
    messageLinkContract(register, {
      name: "memory",
      async open() {
        const [dialer, accepted] = [new MemoryLink(1, mistake), new MemoryLink(2, mistake)];
        dialer.peer = accepted;
        accepted.peer = dialer;
        return { dialer, accepted, close: async () => {} };
      },
    }),
  );
}

test("a link that keeps the contract passes", async () => {
  assert.deepEqual(await suite("none"), []);
});

for (const [mistake, story] of [
  ["kind", "messages arrive whole, in order and of their kind, both ways"],
  ["parts", "parts are one message"],
  ["deaf to pauses", "a paused reader hears nothing, stops the sender, and then hears all"],
  ["never full", "a paused reader hears nothing, stops the sender, and then hears all"],
  ["long reasons", "a reason that is too long is cut, whole characters at a time"],
  ["silent abort", "an abort reaches the peer as a link that broke"],
  ["no code", "the dialling end closes behind what it sent, and says why"],
  ["reentrant", "messages arrive whole, in order and of their kind, both ways"],
] as const) {
  test(`a link with a mistake in ${mistake} is found out`, async () => {
    assert.ok((await suite(mistake)).includes(`memory: ${story}`));
  });
}
