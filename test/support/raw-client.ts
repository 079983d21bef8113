// A session's client that keeps to nothing: it speaks the handshake as docs/PROTOCOL.md says, and then what a test likes.

import { connect } from "../../src/connection/connect.js";
import type { Connection } from "../../src/connection/connection.js";
import { ClientHandshake, type ClientOutcome } from "../../src/protocol/session/client-handshake.js";
import { headerBytes, readUint24 } from "../../src/protocol/session/frames.js";
import type { ResumeKey } from "../../src/protocol/session/handshake-bodies.js";
import { sessionLimits } from "../../src/protocol/session/session-limits.js";
import { joined } from "../../src/testing/cuts.js";
import type { World } from "../../src/testing/simulate.js";
import { framesIn, type SeenFrame } from "./session-side.js";
import { place } from "./sessions.js";

export class RawClient {
  readonly connection: Connection<Uint8Array, Uint8Array>;
  #read: Uint8Array = new Uint8Array(0);

  constructor(connection: Connection<Uint8Array, Uint8Array>) {
    this.connection = connection;
  }

  static async dial(world: World): Promise<RawClient> {
    return new RawClient(await connect(place, world.options));
  }

  send(bytes: Uint8Array): Promise<void> {
    return this.connection.send(bytes);
  }

  /** Says the handshake, and reads its answer. */
  async ask(handshake: ClientHandshake): Promise<ClientOutcome> {
    await this.send(handshake.output);
    for (;;) {
      const chunk = await this.connection.receive();
      if (chunk === undefined) throw new Error("the link ended during the handshake");
      const outcome = handshake.receive(chunk);
      if (outcome === undefined) continue;
      if (outcome.kind !== "rejected") this.#read = outcome.rest.slice();
      return outcome;
    }
  }

  /** A new session, as far as WELCOME. */
  async hello(limits = {}): Promise<ResumeKey> {
    const outcome = await this.ask(new ClientHandshake({ limits: sessionLimits(limits) }));
    if (outcome.kind !== "welcome") throw new Error(`${outcome.kind} instead of WELCOME`);
    return outcome.key;
  }

  /** Another link, which must be given. @returns what the server has received. */
  async resume(key: ResumeKey, received: number): Promise<number> {
    const outcome = await this.ask(new ClientHandshake({ resume: { key, received } }));
    if (outcome.kind !== "resumed") throw new Error(`${JSON.stringify(outcome)} instead of RESUMED`);
    return outcome.received;
  }

  /** The next frame; undefined once the server has ended the link, or cut it. */
  async frame(): Promise<SeenFrame | undefined> {
    for (;;) {
      const end = headerBytes + readUint24(this.#read, 0);
      if (this.#read.length >= headerBytes && this.#read.length >= end) {
        const [frame] = framesIn(this.#read.subarray(0, end));
        this.#read = this.#read.slice(end);
        return frame;
      }
      const chunk = await this.connection.receive().catch(() => undefined);
      if (chunk === undefined) return undefined;
      this.#read = joined([this.#read, chunk]);
    }
  }

  /** All that still comes, until the link ends. */
  async rest(): Promise<SeenFrame[]> {
    const frames: SeenFrame[] = [];
    for (let frame = await this.frame(); frame !== undefined; frame = await this.frame()) frames.push(frame);
    return frames;
  }
}
