// How many connections a server lets in.
// Invariant: whoever is refused is counted and told of, by the listener that refused it.

import type { Clock } from "../core/clock.js";
import { hostOf, isLoopback } from "../core/endpoint.js";
import type { SocketError } from "../core/errors.js";
import { type LifecycleObserver, tell } from "../core/lifecycle.js";
import type { Ranges } from "../core/ranges.js";
import type { ListenerName } from "../transport/transport.js";
import { Refusals } from "./refusals.js";

export interface GateLimits {
  readonly connectionsMax: number;
  /** 0: no bound. */
  readonly connectionsPerAddressMax: number;
  /** So many above the bound are let in, to be told that there is no place. */
  readonly turnedAwayMax: number;
  /** Proxies, whose own addresses never count: those of their clients do. */
  readonly trustedProxies?: Ranges | undefined;
}

export class Gate {
  readonly #limits: GateLimits;
  readonly #clock: Clock;
  readonly #observer: LifecycleObserver | undefined;
  readonly #perAddress = new Map<string, number>();
  /** By the listener's id. */
  readonly #refusals = new Map<number, Refusals>();
  /** As many as were in when another took a reserved descriptor. */
  #room = Number.POSITIVE_INFINITY;
  #closed = false;
  open = 0;
  accepted = 0;
  refused = 0;

  constructor(limits: GateLimits, clock: Clock, observer: LifecycleObserver | undefined) {
    this.#limits = limits;
    this.#clock = clock;
    this.#observer = observer;
  }

  /** More are in than may stay. */
  get isOverfull(): boolean {
    return this.open > Math.min(this.#limits.connectionsMax, this.#room);
  }

  /**
   * Counts a connection from `remote` in; false, and told, if a bound is met.
   * @param isReserved It took a descriptor that the process keeps for itself, so there is no room for more.
   */
  admit(remote: string, listener: ListenerName, isReserved = false): boolean {
    const { connectionsMax, turnedAwayMax } = this.#limits;
    if (this.open >= connectionsMax + turnedAwayMax)
      return this.refuse(`connectionsMax is ${connectionsMax}`, listener);
    if (!this.#count(remote, listener)) return false;
    if (isReserved) this.#room = Math.min(this.#room, this.open);
    else if (this.open >= this.#room) this.#room = Number.POSITIVE_INFINITY;
    this.open += 1;
    this.accepted += 1;
    return true;
  }

  /** A connection that was admitted is no longer anybody's. */
  leave(remote: string): void {
    this.open -= 1;
    this.#discount(remote);
  }

  /** A connection that was admitted is from somebody else; false, told and left, if a bound is met in that name. */
  rename(remote: string, client: string, listener: ListenerName): boolean {
    this.#discount(remote);
    if (this.#count(client, listener)) return true;
    this.open -= 1;
    return false;
  }

  /** Counts a refusal; always false. */
  refuse(reason: string, { id, endpoint }: ListenerName, error?: SocketError): false {
    this.refused += 1;
    // Once the listener is closed, nothing more is told of it.
    if (this.#closed) return false;
    let refusals = this.#refusals.get(id);
    if (refusals === undefined) {
      refusals = new Refusals(this.#clock, (refusal, count) =>
        tell(this.#observer, {
          name: "refused",
          id,
          kind: "listener",
          local: endpoint,
          by: "local",
          ...refusal,
          count,
        }),
      );
      this.#refusals.set(id, refusals);
    }
    refusals.add(error === undefined ? { reason } : { reason, error });
    return false;
  }

  /** Tells what is untold; goes before the listeners' own end. */
  close(): void {
    this.#closed = true;
    for (const refusals of this.#refusals.values()) refusals.close();
  }

  /** One more from this address; false, and told, if it has as many as it may. */
  #count(remote: string, listener: ListenerName): boolean {
    const { connectionsPerAddressMax } = this.#limits;
    const address = this.#countedAddress(remote);
    if (address === undefined) return true;
    const count = this.#perAddress.get(address) ?? 0;
    if (count >= connectionsPerAddressMax) {
      const reason = `connectionsPerAddressMax is ${connectionsPerAddressMax}, and ${address} has as many`;
      return this.refuse(reason, listener);
    }
    this.#perAddress.set(address, count + 1);
    return true;
  }

  #discount(remote: string): void {
    const address = this.#countedAddress(remote);
    if (address === undefined) return;
    const left = (this.#perAddress.get(address) ?? 0) - 1;
    if (left > 0) this.#perAddress.set(address, left);
    else this.#perAddress.delete(address);
  }

  /** The remote host if it counts: loopback, trusted proxies, Unix and memory peers never do. */
  #countedAddress(remote: string): string | undefined {
    const { connectionsPerAddressMax, trustedProxies } = this.#limits;
    if (connectionsPerAddressMax === 0) return undefined;
    const host = hostOf(remote);
    if (host === undefined || isLoopback(host) || trustedProxies?.has(host) === true) return undefined;
    return host;
  }
}
