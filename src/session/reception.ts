// The server's side of each link's beginning: who is there, and what it may have.
// Invariant: a link is in a session's hands, or is told why not and ended, within `handshakeMs`.

import { randomFillSync } from "node:crypto";

import type { Clock, Timer } from "../core/clock.js";
import type { LifecycleObserver } from "../core/lifecycle.js";
import { reportMistake } from "../core/report.js";
import type { ResumeKey } from "../protocol/session/handshake-bodies.js";
import { ServerHandshake, type ServerOutcome } from "../protocol/session/server-handshake.js";
import type { SessionLimits } from "../protocol/session/session-limits.js";
import type { ByteStream } from "../transport/byte-stream.js";
import { type LinkReader, SessionLink, written } from "./session-link.js";

/** What a client asks for, once it is known and proven. */
export type Asked = Exclude<ServerOutcome, { readonly kind: "refused" }>;

export interface ReceptionOptions {
  readonly clock: Clock;
  readonly observer: LifecycleObserver | undefined;
  readonly limits: SessionLimits;
  readonly ttlMs: number;
  readonly handshakeMs: number;
  readonly lingerMs: number;
  readonly bindingRequired: boolean;
  /** @param stream The link, whose TLS says who asks. */
  readonly find: (id: string, stream: ByteStream) => ResumeKey | undefined;
  /** Gives the link to a session, or refuses it, by `handshake`. */
  readonly onAsked: (link: SessionLink, asked: Asked, handshake: ServerHandshake) => void;
  /** What it said was nothing that may be. True if it is told so. */
  readonly onRefused: (link: SessionLink, code: string, reason: string) => boolean;
  readonly onGone: (stream: ByteStream) => void;
}

export class Reception {
  readonly #options: ReceptionOptions;
  readonly #decoySecret: Uint8Array = randomFillSync(new Uint8Array(32));
  /** Links whose handshake is under way, each with its deadline. */
  readonly #links = new Map<SessionLink, Timer>();

  constructor(options: ReceptionOptions) {
    this.#options = options;
  }

  take(stream: ByteStream): void {
    const { clock, observer, handshakeMs, find, onAsked, onRefused, onGone } = this.#options;
    const { limits, ttlMs, bindingRequired } = this.#options;
    const handshake = new ServerHandshake({
      limits,
      ttlMs,
      bindingRequired,
      find: (id) => find(id, stream),
      decoySecret: this.#decoySecret,
      exporter: stream.tls?.exporter,
    });
    const reader: LinkReader = {
      onChunk: (view) => {
        const outcome = handshake.receive(view);
        if (outcome === undefined) return;
        leave();
        if (outcome.kind !== "refused") {
          try {
            onAsked(link, outcome, handshake);
          } catch (mistake) {
            // An encoding that cannot be opened, say: no session, and a word to its author.
            reportMistake(mistake);
            link.cut();
          }
          return;
        }
        if (onRefused(link, outcome.code, outcome.reason)) this.turnAway(link, outcome.answer);
        else link.cut();
      },
      onEnd: () => {
        leave();
        link.cut();
      },
      onWritten() {},
      onClosed: () => leave(),
    };
    const link = new SessionLink(stream, reader, observer);
    link.onGone = () => onGone(stream);
    const timer = clock.setTimer(() => {
      leave();
      link.cut();
      onRefused(link, "silent", `no handshake within ${handshakeMs} ms`);
    }, handshakeMs);
    const leave = () => {
      clock.clearTimer(timer);
      this.#links.delete(link);
    };
    this.#links.set(link, timer);
    link.start();
  }

  /** Says the answer, and ends the link. */
  turnAway(link: SessionLink, answer: Uint8Array): void {
    const { clock, lingerMs } = this.#options;
    link.write(written(answer));
    link.finish(clock, lingerMs);
  }

  /** Cuts whoever has not said yet what it wants. */
  close(): void {
    for (const [link, timer] of this.#links) {
      this.#options.clock.clearTimer(timer);
      link.cut();
    }
    this.#links.clear();
  }
}
