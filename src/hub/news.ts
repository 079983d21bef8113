// One thing that a member is told, in the two forms in which doors say it: lines, and JSON for the page.
// Invariant: each form is encoded once, however many are told, and not at all if nobody takes it.

import type { RoomMessage } from "./page/messages.js";

export class News {
  readonly message: RoomMessage;
  readonly #text: readonly string[];
  #lines: Uint8Array | undefined;
  #json: Uint8Array | undefined;

  /** @param text The same as lines. */
  constructor(message: RoomMessage, text: readonly string[]) {
    this.message = message;
    this.#text = text;
  }

  /** Whole lines of UTF-8. */
  get lines(): Uint8Array {
    this.#lines ??= encoder.encode(`${this.#text.join("\n")}\n`);
    return this.#lines;
  }

  /** A `RoomMessage`. */
  get json(): Uint8Array {
    this.#json ??= encoder.encode(JSON.stringify(this.message));
    return this.#json;
  }
}

const encoder = new TextEncoder();
