// The sessions that a server keeps: begun, resumed over other links, kept for a while without one, and given up.
// Invariant: a session is kept until both sides are done with it, or its time without a link is over; and nobody is told
// of one whose client has not shown that it has it.

import { randomFillSync } from "node:crypto";

import type { Timer } from "../core/clock.js";
import { limits } from "../core/limits.js";
import type { ResumeKey } from "../protocol/session/handshake-bodies.js";
import type { ServerHandshake } from "../protocol/session/server-handshake.js";
import type { GoAway } from "../protocol/session/words.js";
import type { ByteStream } from "../transport/byte-stream.js";
import type { SessionCore } from "./core.js";
import { addressOf } from "./failures.js";
import type { SessionSettings } from "./options.js";
import type { Asked } from "./reception.js";
import { type Kept, Registry } from "./registry.js";
import { Session } from "./session.js";
import { type SessionLink, written } from "./session-link.js";

export interface HostingOptions<Send, Receive> {
  readonly settings: SessionSettings<Send, Receive>;
  readonly ttlMs: number;
  readonly detachedMax: number;
  readonly handshakeMs: number;
  /** The client has the session: it exists. */
  readonly onSession: (session: Session<Send, Receive>) => void;
  /** A link that gets no session; it is told the answer. */
  readonly onTurnedAway: (link: SessionLink, answer: Uint8Array) => void;
}

interface Entry<Send, Receive> extends Kept {
  readonly core: SessionCore<Send, Receive>;
  /** The client's certificate, if it showed one that was verified. */
  readonly identity: string | undefined;
  isConfirmed: boolean;
  confirmTimer: Timer;
}

export class Hosting<Send, Receive> {
  readonly #options: HostingOptions<Send, Receive>;
  readonly #registry: Registry<Entry<Send, Receive>>;
  readonly #onEmpty: (() => void)[] = [];
  evicted = 0;

  constructor(options: HostingOptions<Send, Receive>) {
    this.#options = options;
    this.#registry = new Registry(options.settings.clock, options.detachedMax);
  }

  get size(): number {
    return this.#registry.size;
  }

  get detachedSize(): number {
    return this.#registry.detachedSize;
  }

  /** What a client must prove; of a session that was begun with a certificate nobody else learns anything. */
  find(id: string, stream: ByteStream): ResumeKey | undefined {
    const entry = this.#registry.find(id);
    const isOther = entry?.identity !== undefined && entry.identity !== identityOf(stream);
    return isOther ? undefined : entry?.key;
  }

  /** Whether the session has a link, whose place another one may take. */
  hasLink(id: string): boolean {
    return this.#registry.find(id)?.core.pump.link !== undefined;
  }

  /** A new session. @param rest What came behind the handshake; valid during the call only. */
  welcome(link: SessionLink, rest: Uint8Array, handshake: ServerHandshake): void {
    const { answer, key } = handshake.welcome(random(16), random(32));
    const entry = this.#entry(link, key);
    link.write(written(answer));
    this.#registry.add(entry);
    entry.core.attach(link, 0, rest);
  }

  /** Another link of a session whose client has proven that it is its own. */
  resume(link: SessionLink, asked: Asked & { readonly kind: "resume" }, handshake: ServerHandshake): void {
    const entry = this.#registry.find(asked.key.id);
    if (entry === undefined) {
      this.#options.onTurnedAway(link, handshake.reject("unknown", "there is no such session"));
      return;
    }
    const { core } = entry;
    const { machine } = core.pump;
    // Before our own count is read: what still came over the old link would be acknowledged and lost.
    core.pump.cut();
    if (!machine.mayHaveReceived(asked.received)) {
      const reason = `the client cannot have received ${asked.received}`;
      this.#options.onTurnedAway(link, handshake.reject("protocol", reason));
      core.end({ by: "remote", code: "protocol", reason });
      return;
    }
    this.#registry.attached(entry);
    entry.address = addressOf(link.stream.remote);
    link.write(written(handshake.resumed(machine.received)));
    machine.confirm();
    core.attach(link, asked.received, asked.rest);
  }

  /** Tells every client. @param words Asked once for each. */
  goAway(words: () => GoAway): void {
    for (const { core } of this.#registry) core.pump.machine.goAway(words());
  }

  /** Resolves once no session is kept. */
  whenEmpty(): Promise<void> {
    if (this.size === 0) return Promise.resolve();
    return new Promise((resolve) => void this.#onEmpty.push(resolve));
  }

  /** Gives up all that is left. */
  abort(reason: string): void {
    for (const entry of this.#registry) {
      entry.core.abort(reason);
      this.#forget(entry);
    }
  }

  #entry(link: SessionLink, key: ResumeKey): Entry<Send, Receive> {
    const { settings, handshakeMs, onSession } = this.#options;
    const { clock } = settings;
    const { remote } = link.stream;
    const session = new Session<Send, Receive>({
      id: key.id,
      isClient: false,
      settings,
      peerLimits: key.clientLimits,
      remote,
      hooks: {
        onDetached: () => this.#onDetached(entry),
        onConfirmed: () => {
          entry.isConfirmed = true;
          clock.clearTimer(entry.confirmTimer);
          onSession(session);
        },
        onClosed: () => this.#onClosed(entry),
        onFinished: () => this.#forget(entry),
      },
    });
    const entry: Entry<Send, Receive> = {
      key,
      core: Session.core(session),
      identity: identityOf(link.stream),
      address: addressOf(remote),
      isConfirmed: false,
      confirmTimer: clock.setTimer(() => {
        // The client never said that it has the session, so nobody was told of it.
        entry.core.end({ by: "remote", code: "expired", reason: `no ACK within ${handshakeMs} ms` });
        this.#forget(entry);
      }, handshakeMs),
    };
    return entry;
  }

  #onDetached(entry: Entry<Send, Receive>): void {
    const { core } = entry;
    const isOver = core.over !== undefined;
    if (isOver && !core.pump.machine.isDone) {
      this.#forget(entry);
      return;
    }
    const { ttlMs, handshakeMs } = this.#options;
    const livesMs = entry.isConfirmed ? ttlMs : handshakeMs;
    const keepMs = isOver ? Math.min(limits.doneMs, livesMs) : livesMs;
    const evicted = this.#registry.detached(entry, keepMs, () => this.#expire(entry));
    if (evicted === undefined) return;
    this.evicted += 1;
    const reason = "evicted: too many sessions without a link";
    evicted.core.end({ by: "local", code: "evicted", reason });
    this.#forget(evicted);
  }

  #expire(entry: Entry<Send, Receive>): void {
    const { core } = entry;
    const reason = `expired: no link for ${this.#options.ttlMs} ms`;
    if (core.pump.machine.isCleanIfGone) core.endCleanly();
    else core.end({ by: "network", code: "expired", reason });
    this.#forget(entry);
  }

  #onClosed(entry: Entry<Send, Receive>): void {
    // A session that ended at once, or that nobody was told of, cannot be resumed.
    if (!entry.core.pump.machine.isDone) this.#forget(entry);
  }

  #forget(entry: Entry<Send, Receive>): void {
    this.#options.settings.clock.clearTimer(entry.confirmTimer);
    this.#registry.remove(entry);
    if (this.size === 0) for (const resolve of this.#onEmpty.splice(0)) resolve();
  }
}

function identityOf({ tls }: ByteStream): string | undefined {
  return tls?.isVerified ? tls.chain[0]?.fingerprint : undefined;
}

function random(bytes: number): Uint8Array {
  return randomFillSync(new Uint8Array(bytes));
}
