// Those who watch the hub's sockets: each is sent a snapshot once a second, and gives orders.
// Invariant: while nobody watches nothing is computed; and whoever watches slowly misses snapshots, which wait for nobody.

import type { Clock, Timer } from "../../core/clock.js";
import { hostOf } from "../../core/endpoint.js";
import { ProtocolError, SocketError } from "../../core/errors.js";
import { limits } from "../../core/limits.js";
import type { SessionStream } from "../../session/stream.js";
import type { AdminGuard } from "../admin-guard.js";
import type { LiveMessage, LiveOrder } from "../page/messages.js";
import { readLiveOrder } from "../page/read.js";
import type { Visitor } from "../visitor.js";
import { Snapshot, type SnapshotSource } from "./snapshot.js";

const everyMs = 1_000;

export interface LiveOptions extends SnapshotSource {
  readonly clock: Clock;
  readonly guard: AdminGuard;
}

interface Watcher {
  readonly stream: SessionStream;
  readonly visitor: Visitor;
  /** It has given the admin code. */
  isUnlocked: boolean;
}

export class Live {
  readonly #options: LiveOptions;
  readonly #watchers = new Set<Watcher>();
  #timer: Timer;
  #lookedAt: number = Number.NEGATIVE_INFINITY;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  /** Shows the visitor all sockets over its stream until either of them ends it. Never rejects. */
  async watch(stream: SessionStream, visitor: Visitor): Promise<void> {
    const { liveWatchersMax } = limits;
    if (this.#watchers.size >= liveWatchersMax) {
      return stream.abort(`${liveWatchersMax} watch already; come again`);
    }
    const watcher: Watcher = { stream, visitor, isUnlocked: false };
    this.#watchers.add(watcher);
    // At once, unless all were looked at just now: opening streams costs nobody more than watching does.
    if (this.#options.clock.now() - this.#lookedAt >= everyMs) this.#show([watcher], this.#look());
    if (this.#watchers.size === 1) this.#arm();
    try {
      for await (const message of stream) {
        const isLast = await this.#obey(watcher, message);
        if (isLast) return stream.abort("too many wrong codes");
      }
      await stream.end();
    } catch (error) {
      // It has gone, which its visit sees too; or what it said is no order.
      stream.abort(error);
      if (!(error instanceof SocketError)) throw error;
    } finally {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.#options.clock.clearTimer(this.#timer);
    }
  }

  #arm(): void {
    this.#timer = this.#options.clock.setTimer(() => {
      this.#show(this.#watchers, this.#look());
      this.#arm();
    }, everyMs);
  }

  #look(): Snapshot {
    const { clock } = this.#options;
    const now = clock.now();
    this.#lookedAt = now;
    return new Snapshot(this.#options, now, Math.round(clock.date?.() ?? now));
  }

  #show(watchers: Iterable<Watcher>, snapshot: Snapshot): void {
    for (const { stream, visitor } of watchers) {
      try {
        // Without room for it there is another in a second.
        stream.trySend(snapshot.for(visitor));
      } catch (error) {
        stream.abort(error);
      }
    }
  }

  /** @returns whether it was the last one. */
  async #obey(watcher: Watcher, message: Uint8Array): Promise<boolean> {
    const order = readLiveOrder(message);
    if ("problem" in order) throw new ProtocolError("ERR_INVALID_MESSAGE", "remote", order.problem);
    const { reason, isLast = false } = this.#perform(watcher, order);
    const { type } = order;
    const answer: LiveMessage =
      reason === undefined ? { type: "done", order: type } : { type: "refused", order: type, reason };
    await watcher.stream.send(encoder.encode(JSON.stringify(answer)));
    return isLast;
  }

  /** Does it. @returns why not, if not. */
  #perform(watcher: Watcher, order: LiveOrder): { readonly reason?: string; readonly isLast?: boolean } {
    if (order.type === "unlock") {
      const { remote } = watcher.visitor;
      const refusal = this.#options.guard.refusal(order.code, hostOf(remote) ?? remote);
      watcher.isUnlocked ||= refusal === undefined;
      return refusal ?? {};
    }
    const visitor = this.#visitorAt(order.id);
    if (visitor === undefined) return { reason: "nobody comes over that socket" };
    const isOwnCut = order.type === "cut" && visitor === watcher.visitor;
    if (!watcher.isUnlocked && !isOwnCut) return { reason: "that takes the hub's admin code" };
    if (order.type === "cut") visitor.cut();
    else if (order.type === "disconnect") visitor.disconnect("disconnected by the hub's operator");
    else visitor.throttle(order.bytesPerSecond);
    return {};
  }

  /** Whoever comes over the socket of that number. */
  #visitorAt(id: number): Visitor | undefined {
    const { ledger, visitors } = this.#options;
    const session = ledger.find(id)?.session;
    for (const visitor of visitors) {
      if (visitor.id === (session ?? id) || visitor.link?.id === id) return visitor;
    }
    return undefined;
  }
}

const encoder = new TextEncoder();
