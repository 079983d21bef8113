// How a session ends in order: each side says CLOSE, and CLOSE_ACK once it has all that the other sent.
// Invariant: our end is closed only by the peer's word that it has received all of it.

import type { Ending } from "./contract.js";
import { next, type OurEndState, ourEndTable, type PeerEndState, peerEndTable } from "./states.js";
import { Violation } from "./violation.js";
import { type Close, encodeClose } from "./words.js";

export class Closing {
  #our: OurEndState = "open";
  #peer: PeerEndState = "open";
  #askedFor: string | undefined;
  #heard: Close | undefined;
  /** CLOSE as it was said; it is said again on every new link. */
  words: Uint8Array | undefined;
  /** Both sides have said CLOSE and CLOSE_ACK, on whichever links. */
  isDone = false;
  /** What was answered on this link. */
  #isAckHeard = false;
  #isAckSaid = false;

  /** Another link: all is said again, and answered again. */
  restart(): void {
    this.#isAckHeard = false;
    this.#isAckSaid = false;
  }

  /** Nothing is left to say or to hear on this link. */
  get isSettled(): boolean {
    return this.#isAckHeard && this.#isAckSaid;
  }

  /** The application wants to close. */
  ask(reason: string): void {
    this.#askedFor ??= reason;
  }

  get isAsked(): boolean {
    return this.#askedFor !== undefined;
  }

  /** CLOSE is said: nothing gets a number any more. */
  get isSaid(): boolean {
    return this.#our !== "open";
  }

  get isHeard(): boolean {
    return this.#heard !== undefined;
  }

  /** Whose wish it was, and why; undefined until it is done. */
  get ending(): Ending | undefined {
    if (!this.isDone) return undefined;
    const by = this.#askedFor === undefined ? "remote" : "local";
    return { by, code: "closed", reason: this.#askedFor ?? this.#heard?.reason ?? "" };
  }

  /** CLOSE for what was sent so far. */
  say(final: number): Uint8Array {
    this.#our = next(ourEndTable, this.#our, "CLOSE said");
    this.words = encodeClose({ final, code: "closed", reason: this.#askedFor ?? "" });
    return this.words;
  }

  /** @throws Violation for another `final` than before, or one that is passed already. */
  hear(close: Close, received: number): void {
    const { final } = close;
    if (final < received || (this.#heard !== undefined && this.#heard.final !== final)) {
      throw new Violation("final", `${final} cannot be the final frame`);
    }
    this.#heard = close;
    this.#peer = next(peerEndTable, this.#peer, "CLOSE heard");
  }

  /** @throws Violation if we have not said CLOSE, or the peer has not acknowledged all that we sent. */
  hearAck(isAllAcknowledged: boolean): void {
    if (this.#our === "open" || !isAllAcknowledged) throw new Violation("final", "CLOSE_ACK came too early");
    this.#our = next(ourEndTable, this.#our, "CLOSE_ACK heard");
    this.#isAckHeard = true;
    this.#considerDone();
  }

  /** Whether CLOSE_ACK is due. */
  owesAck(received: number): boolean {
    return this.#peer === "closing" && this.#heard?.final === received;
  }

  /** Whether something is to come still, by the peer's CLOSE. */
  isMissing(received: number): boolean {
    return this.#heard !== undefined && received < this.#heard.final;
  }

  ackSaid(): void {
    this.#peer = next(peerEndTable, this.#peer, "CLOSE_ACK said");
    this.#isAckSaid = true;
    this.#considerDone();
  }

  #considerDone(): void {
    if (this.#our === "closed" && this.#peer === "closed") this.isDone = true;
  }
}
