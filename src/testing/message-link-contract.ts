// What every message link (WebSocket) must do, as tests that run against any of them.
// Invariant: nothing here knows who implements it; nothing is asserted inside a callback.

import assert from "node:assert/strict";

import type { SocketError } from "../core/errors.js";
import type { MessageLink, MessageLinkSink } from "../transport/message-link.js";
import type { RegisterTest } from "./register-test.js";
import { turns } from "./stream-driver.js";

/** Two ends of one link, neither started. */
export interface LinkPair {
  readonly dialer: MessageLink;
  readonly accepted: MessageLink;
  /** Releases what the links themselves do not hold, such as a listener. */
  close(): Promise<void>;
}

export interface MessageLinkContractOptions {
  /** Stands before each test's name. */
  readonly name: string;
  open(): Promise<LinkPair>;
  /** False where a pause is not kept (browsers). Default true. */
  readonly pauses?: boolean;
}

/** Registers the contract of `MessageLink` with `test`. */
export function messageLinkContract(test: RegisterTest, options: MessageLinkContractOptions): void {
  const { name, open, pauses = true } = options;

  const story = (title: string, body: (dialer: LinkDriver, accepted: LinkDriver) => Promise<void>): void => {
    test(`${name}: ${title}`, async () => {
      const pair = await open();
      const [dialer, accepted] = [new LinkDriver(pair.dialer), new LinkDriver(pair.accepted)];
      try {
        await body(dialer, accepted);
      } finally {
        for (const driver of [dialer, accepted]) await driver.release();
        await pair.close();
      }
      for (const driver of [dialer, accepted]) {
        assert.deepEqual(driver.breaches, [], `link ${driver.link.id} broke its contract`);
      }
    });
  };

  story("messages arrive whole, in order and of their kind, both ways", async (dialer, accepted) => {
    dialer.start();
    accepted.start();
    await dialer.send("one", true);
    await dialer.send("", true);
    await dialer.send("two", false);
    await accepted.send("", false);
    await accepted.send("drei", true);
    assert.deepEqual(await accepted.heard(3), ["text one", "text ", "binary two"]);
    assert.deepEqual(await dialer.heard(2), ["binary ", "text drei"]);
  });

  story("parts are one message", async (dialer, accepted) => {
    dialer.start();
    accepted.start();
    await dialer.send("a", true, false);
    await dialer.send("b", true, false);
    await dialer.send("c", true);
    await dialer.send("d", false);
    assert.deepEqual(await accepted.heard(2), ["text abc", "binary d"]);
  });

  story(
    "what is sent between cork and uncork arrives as if it had been sent alone",
    async (dialer, accepted) => {
      dialer.start();
      accepted.start();
      const { link } = dialer;
      link.cork?.();
      let hasRoom = true;
      for (const text of ["one", "two", "three"]) hasRoom &&= dialer.trySend(text);
      if (link.uncork?.() === false) hasRoom = false;
      if (!hasRoom) await dialer.until(() => dialer.written > 0);
      assert.deepEqual(await accepted.heard(3), ["binary one", "binary two", "binary three"]);
    },
  );

  story("nothing is delivered, and nothing lost, before start", async (dialer, accepted) => {
    dialer.start();
    await dialer.send("early", true);
    await turns(5);
    assert.deepEqual(accepted.messages, []);
    accepted.start();
    assert.deepEqual(await accepted.heard(1), ["text early"]);
  });

  if (pauses) {
    story("a paused reader hears nothing, stops the sender, and then hears all", async (dialer, accepted) => {
      dialer.start();
      accepted.start();
      accepted.link.pause();
      const message = "x".repeat(100_000);
      let sent = 0;
      let enough = false;
      const sending = (async () => {
        for (; !enough && sent < 1_000; sent += 1) await dialer.send(message, false);
      })();
      for (let before = -1; before !== sent; await turns(200)) before = sent;
      assert.ok(sent < 1_000, "a hundred megabytes were taken for a reader that is paused");
      assert.deepEqual(accepted.messages, []);
      enough = true;
      accepted.link.resume();
      await sending;
      assert.equal((await accepted.heard(sent)).length, sent);
    });

    story("a pause inside a message holds back those that came with it", async (dialer, accepted) => {
      dialer.start();
      accepted.onMessageInside = () => {
        accepted.link.pause();
        setImmediate(() => accepted.link.resume());
      };
      accepted.start();
      dialer.link.cork?.();
      for (let count = 0; count < 50; count += 1) dialer.trySend(String(count));
      dialer.link.uncork?.();
      const heard = await accepted.heard(50);
      assert.deepEqual(
        heard,
        Array.from({ length: 50 }, (_, count) => `binary ${count}`),
      );
    });
  }

  for (const side of ["dialling", "accepting"] as const) {
    story(`the ${side} end closes behind what it sent, and says why`, async (dialer, accepted) => {
      const [closing, other] = side === "dialling" ? [dialer, accepted] : [accepted, dialer];
      closing.start();
      other.start();
      await closing.send("last words", true);
      closing.close(4_001, "enough");
      await Promise.all([closing.closed(), other.closed()]);
      assert.deepEqual(other.messages, ["text last words"]);
      assert.deepEqual([other.error, other.code, other.reason], [undefined, 4_001, "enough"]);
      assert.equal(closing.error, undefined);
    });
  }

  story("a reason that is too long is cut, whole characters at a time", async (dialer, accepted) => {
    dialer.start();
    accepted.start();
    dialer.close(1_000, "é".repeat(100));
    await accepted.closed();
    assert.equal(accepted.reason, "é".repeat(61));
  });

  story("an abort reaches the peer as a link that broke", async (dialer, accepted) => {
    dialer.start();
    accepted.start();
    dialer.abort();
    await Promise.all([dialer.closed(), accepted.closed()]);
    assert.deepEqual([dialer.error, dialer.code], [undefined, undefined]);
    assert.equal(accepted.error?.name, "DisconnectedError");
  });

  story("an abort from inside onMessage is the end of messages", async (dialer, accepted) => {
    dialer.start();
    accepted.onMessageInside = () => accepted.abort();
    accepted.start();
    dialer.link.cork?.();
    for (let count = 0; count < 10; count += 1) dialer.trySend("x");
    dialer.link.uncork?.();
    await Promise.all([accepted.closed(), dialer.closed()]);
    assert.deepEqual(accepted.messages, ["binary x"]);
  });
}

/** Drives one end, and notes each breach of the contract. */
class LinkDriver implements MessageLinkSink {
  readonly link: MessageLink;
  readonly messages: string[] = [];
  readonly breaches: string[] = [];
  onMessageInside: (() => void) | undefined;
  written = 0;
  error: SocketError | undefined;
  code: number | undefined;
  reason = "";
  #isStarted = false;
  #isOver = false;
  #isLeaving = false;
  #inCall = false;
  #watchers: (() => void)[] = [];

  constructor(link: MessageLink) {
    this.link = link;
  }

  start(): void {
    this.#isStarted = true;
    this.#call(() => this.link.start(this));
  }

  trySend(text: string, isText = false, isLast = true): boolean {
    return this.#call(() => this.link.send(new TextEncoder().encode(text), isText, isLast));
  }

  async send(text: string, isText: boolean, isLast = true): Promise<void> {
    const { written } = this;
    if (!this.trySend(text, isText, isLast)) await this.until(() => this.written > written || this.#isOver);
  }

  close(code: number, reason: string): void {
    this.#isLeaving = true;
    this.#call(() => this.link.close(code, reason));
  }

  abort(): void {
    this.#isLeaving = true;
    this.#call(() => this.link.abort());
  }

  async heard(count: number): Promise<string[]> {
    await this.until(() => this.messages.length >= count || this.#isOver);
    return this.messages;
  }

  closed(): Promise<void> {
    return this.until(() => this.#isOver);
  }

  async until(met: () => boolean): Promise<void> {
    while (!met()) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }

  async release(): Promise<void> {
    if (!this.#isLeaving && !this.#isOver) this.abort();
    if (this.#isStarted) await this.closed();
    // What must not come any more would come now.
    await turns(3);
  }

  onMessage(view: Uint8Array, isText: boolean): void {
    this.messages.push(`${isText ? "text" : "binary"} ${new TextDecoder().decode(view)}`);
    this.onMessageInside?.();
    this.#told("a message");
  }

  onWritten(): void {
    this.written += 1;
    this.#told("written");
  }

  onClosed(error: SocketError | undefined, code: number | undefined, reason: string): void {
    this.error = error;
    this.code = code;
    this.reason = reason;
    this.#told("closed");
    this.#isOver = true;
  }

  #told(event: string): void {
    if (this.#isOver) this.breaches.push(`${event} after closed`);
    if (this.#inCall) this.breaches.push(`${event} inside a call to the link`);
    for (const watch of this.#watchers.splice(0)) queueMicrotask(watch);
  }

  #call<T>(call: () => T): T {
    this.#inCall = true;
    try {
      return call();
    } finally {
      this.#inCall = false;
    }
  }
}
