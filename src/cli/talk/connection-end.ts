// A connection as one end of a conversation: its messages on the wire, bytes on our side.
// Invariant: a chunk is sent as whole messages, in order, before `write` resolves.

import { setImmediate as turn } from "node:timers/promises";

import type { Connection } from "../../index.js";
import type { End } from "./end.js";
import type { Format, InputFormat } from "./format.js";
import { join } from "./lines.js";

export class ConnectionEnd implements End {
  readonly connection: Connection;
  readonly #format: Format;
  readonly #input: InputFormat;
  readonly #batches: AsyncIterator<Uint8Array[], undefined>;

  constructor(connection: Connection, format: Format) {
    this.connection = connection;
    this.#format = format;
    this.#input = format.openInput();
    this.#batches = connection.batches();
  }

  /** It has no half-close. */
  get #isWebSocket(): boolean {
    return /^wss?:/.test(this.connection.remote);
  }

  async read(): Promise<Uint8Array | undefined> {
    if (!this.#format.keepsBoundaries && !this.#isWebSocket) return this.connection.receive();
    const { value: messages } = await this.#batches.next();
    if (messages === undefined) return undefined;
    return join(messages.flatMap((message) => [message, this.#format.trailer]));
  }

  async write(chunk: Uint8Array): Promise<void> {
    // Behind all that this turn still reads: a peer that says its last and goes is heard to its end that way, where a
    // write to it that fails would break the connection first.
    await turn();
    for (const message of this.#input.push(chunk)) await this.connection.send(message);
  }

  async end(): Promise<void> {
    for (const message of this.#input.rest()) await this.connection.send(message);
    await (this.#isWebSocket ? this.connection.close() : this.connection.end());
  }
}
