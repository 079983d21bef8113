// Drives a session's machine over one link after another: bytes in, writes out, one timer.
// Invariant: one write per turn of the event loop, and one at a time; a link that was cut is never heard again.

import type { Clock, Timer } from "../core/clock.js";
import { DisconnectedError, type SocketError } from "../core/errors.js";
import { reasonText } from "../core/reason.js";
import { atTurnEnd } from "../core/turn.js";
import type { Ending, MachineOptions } from "../protocol/session/contract.js";
import type { Flow } from "../protocol/session/flow.js";
import { SessionMachine } from "../protocol/session/machine.js";
import type { WaitingSend } from "../protocol/session/waiting.js";
import type { LinkReader, SessionLink } from "./session-link.js";
import { type AtOnce, type Listening, Told } from "./told.js";

/** What a session is told. */
export interface PumpOwner extends Listening {
  /** The link has gone, for whatever reason; the session may go on over another. */
  onDetached(why: SocketError): void;
  /** It is over, and the last link has ended in order: nothing is left to do. */
  onFinished(): void;
}

export interface PumpOptions extends MachineOptions {
  readonly clock: Clock;
  readonly lingerMs: number;
}

/** What a clock may be set forward by without meaning that the machine was asleep. */
const sleepMs = 1_000;
/** Written at once, without waiting for the end of the turn. */
const earlyBytes = 65_536;

export class Pump implements LinkReader, AtOnce {
  readonly machine: SessionMachine;
  readonly #options: PumpOptions;
  readonly #owner: PumpOwner;
  readonly #told: Told;
  #link: SessionLink | undefined;
  #isFlushDue = false;
  #timer: Timer;
  #timerAt = Number.POSITIVE_INFINITY;
  #dateAhead: number | undefined;
  /** Since when there is no link; undefined while there is one. */
  downSince: number | undefined;
  /** When the last byte came in over the link. */
  heardAt = 0;
  /** Of links that have gone. */
  #bytesSent = 0;
  #bytesReceived = 0;

  constructor(options: PumpOptions, owner: PumpOwner) {
    this.#options = options;
    this.#owner = owner;
    this.#told = new Told(this, owner);
    this.machine = new SessionMachine(options, this.#told, options.clock.now());
  }

  get stats(): { readonly bytesSent: number; readonly bytesReceived: number } {
    const { bytesSent = 0, bytesReceived = 0 } = this.#link ?? {};
    return { bytesSent: this.#bytesSent + bytesSent, bytesReceived: this.#bytesReceived + bytesReceived };
  }

  /** The link that carries it now. */
  get link(): SessionLink | undefined {
    return this.#link;
  }

  /**
   * Goes on over this link, whose handshake is done.
   * @param rest What came behind the handshake; valid during the call only.
   */
  attach(link: SessionLink, peerReceived: number, rest: Uint8Array): void {
    this.#link = link;
    this.downSince = undefined;
    link.hand(this);
    this.#told.hold();
    const now = this.#options.clock.now();
    this.heardAt = now;
    this.machine.attach(peerReceived, now);
    if (rest.length > 0) this.machine.receive(rest, now);
    this.#arm();
    this.#told.release();
  }

  /** Ends the session now. The peer is told in this very turn: a page or a process that ends has no other. */
  end(ending: Ending): void {
    this.#told.hold();
    this.machine.end(ending);
    this.#told.release();
    if (this.#link?.isWriting === false) this.#flush();
  }

  /** Cuts the link, if there is one; nobody is told. */
  cut(): void {
    const link = this.#link;
    if (link === undefined) return;
    this.#unlink(link);
    link.cut();
  }

  send(flow: Flow, payload: Uint8Array, isLast: boolean): void {
    this.machine.send(flow, payload, isLast);
    if (this.machine.unwrittenBytes >= earlyBytes && this.#link?.isWriting === false) this.#flush();
  }

  wait(send: WaitingSend): void {
    this.machine.wait(send);
  }

  /** The reader has taken a message. */
  take(flow: Flow, messageBytes: number): void {
    if (this.machine.take(flow, messageBytes)) this.#arm();
  }

  /** Cuts the link and tells of it, as if it had broken. */
  breakLink(error: SocketError): void {
    this.#lose(error);
  }

  /** The link may have broken while nobody looked: asks the peer, and cuts it if nothing comes soon. */
  probe(): void {
    this.#told.hold();
    this.machine.probe(this.#options.clock.now());
    this.#arm();
    this.#told.release();
  }

  onChunk(view: Uint8Array): void {
    this.#told.hold();
    this.heardAt = this.#options.clock.now();
    this.machine.receive(view, this.heardAt);
    this.#arm();
    this.#told.release();
  }

  /** There is something to write. */
  onOutput(): void {
    if (this.#isFlushDue || this.#link === undefined || this.#link.isWriting) return;
    this.#isFlushDue = true;
    atTurnEnd(flush, this);
  }

  /** An end at once has no heartbeat any more: a peer that takes nothing of it is cut off. */
  onEnding(): void {
    this.onOutput();
    const { ending } = this.machine;
    if (this.#link === undefined || ending === undefined || ending.code === "closed") return;
    const { clock, lingerMs } = this.#options;
    clock.clearTimer(this.#timer);
    this.#timerAt = Number.NEGATIVE_INFINITY;
    this.#timer = clock.setTimer(() => {
      this.cut();
      this.#owner.onFinished();
    }, lingerMs);
  }

  /** The machine wants no more of this link; its owner is told when the machine has returned. */
  onBroken(): void {
    this.cut();
  }

  onEnd(): void {
    // Once it is over, an end is what we wait for: `finish` sees it.
    if (this.machine.isSettled) return;
    this.#lose(new DisconnectedError("ERR_CONNECTION_LOST", "the peer ended the link", this.#where()));
  }

  onWritten(): void {
    this.#flush();
  }

  onClosed(error: SocketError | undefined): void {
    const link = this.#link;
    if (link === undefined) return;
    this.#unlink(link);
    this.#owner.onDetached(
      error ?? new DisconnectedError("ERR_CONNECTION_LOST", "the link was closed", this.#where()),
    );
  }

  #where(): { readonly endpoint?: string } {
    return this.#link === undefined ? {} : { endpoint: this.#link.stream.remote };
  }

  #lose(error: SocketError): void {
    if (this.#link === undefined) return;
    this.cut();
    this.#owner.onDetached(error);
  }

  #unlink(link: SessionLink): void {
    const { clock } = this.#options;
    this.#link = undefined;
    this.#bytesSent += link.bytesSent;
    this.#bytesReceived += link.bytesReceived;
    this.downSince = clock.now();
    this.machine.detach();
    clock.clearTimer(this.#timer);
    this.#timerAt = Number.POSITIVE_INFINITY;
  }

  #flush(): void {
    this.#isFlushDue = false;
    const link = this.#link;
    if (link === undefined) return;
    this.#told.hold();
    try {
      const now = this.#options.clock.now();
      while (!link.isWriting) {
        const writing = this.machine.writing(now);
        if (writing === undefined) break;
        link.write(writing);
      }
      if (this.machine.isSettled && !link.isWriting) this.#end(link);
      else this.#arm();
    } catch (mistake) {
      // The machine has lost count, which is our own mistake: a named end, and no guess at what to write.
      this.cut();
      this.machine.end({ by: "local", code: "aborted", reason: reasonText(mistake) });
    } finally {
      this.#told.release();
    }
  }

  /** All is said: ends the link in order, and waits for the peer to do so too. */
  #end(link: SessionLink): void {
    const { clock, lingerMs } = this.#options;
    this.#unlink(link);
    link.finish(clock, lingerMs, (error) => {
      // The session has gone on over another link meanwhile.
      if (this.#link !== undefined) return;
      if (error === undefined) this.#owner.onFinished();
      else this.#owner.onDetached(error);
    });
  }

  /** The one timer, set anew only for an earlier time. */
  #arm(): void {
    const { deadline } = this.machine;
    if (deadline >= this.#timerAt || this.#link === undefined) return;
    const { clock } = this.#options;
    clock.clearTimer(this.#timer);
    this.#timerAt = deadline;
    this.#timer = clock.setTimer(() => this.#expire(), Math.max(0, deadline - clock.now()));
  }

  #expire(): void {
    this.#timerAt = Number.POSITIVE_INFINITY;
    const { clock } = this.#options;
    const now = clock.now();
    this.#told.hold();
    if (this.#hasSlept(now)) this.machine.probe(now);
    if (now >= this.machine.deadline) this.machine.expire(now);
    this.#arm();
    this.#told.release();
  }

  /** Whether the machine was suspended: the clock that counts sleep has run ahead of the one that does not. */
  #hasSlept(now: number): boolean {
    const date = this.#options.clock.date?.();
    if (date === undefined) return false;
    const ahead = date - now;
    const before = this.#dateAhead ?? ahead;
    this.#dateAhead = ahead;
    return ahead - before > sleepMs;
  }

  static readonly flush = (pump: Pump): void => pump.#flush();
}

const { flush } = Pump;
