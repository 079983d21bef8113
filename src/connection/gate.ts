// How many connections a server lets in.
// Invariant: whoever is refused is counted, and told of at most once a second, so that a flood does not become a flood of logs.

import type { Clock } from "../core/clock.js";
import { parseEndpoint } from "../core/endpoint.js";
import { type LifecycleObserver, tell } from "../core/lifecycle.js";

export interface GateLimits {
  readonly connectionsMax: number;
  /** 0: no bound. */
  readonly connectionsPerAddressMax: number;
}

const tellEveryMs = 1_000;

export class Gate {
  readonly #limits: GateLimits;
  readonly #clock: Clock;
  readonly #observer: LifecycleObserver | undefined;
  readonly #perAddress = new Map<string, number>();
  #refusedUntold = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  open = 0;
  accepted = 0;
  refused = 0;

  constructor(limits: GateLimits, clock: Clock, observer: LifecycleObserver | undefined) {
    this.#limits = limits;
    this.#clock = clock;
    this.#observer = observer;
  }

  /** Counts a connection from `remote` in; false, and told, if a bound is met. */
  admit(remote: string): boolean {
    const { connectionsMax, connectionsPerAddressMax } = this.#limits;
    if (this.open >= connectionsMax) return this.refuse(`connectionsMax is ${connectionsMax}`);
    const address = countedAddress(remote);
    if (address !== undefined && connectionsPerAddressMax > 0) {
      const count = this.#perAddress.get(address) ?? 0;
      if (count >= connectionsPerAddressMax) {
        return this.refuse(
          `connectionsPerAddressMax is ${connectionsPerAddressMax}, and ${address} has as many`,
        );
      }
      this.#perAddress.set(address, count + 1);
    }
    this.open += 1;
    this.accepted += 1;
    return true;
  }

  /** A connection that was admitted has closed. */
  leave(remote: string): void {
    this.open -= 1;
    const address = countedAddress(remote);
    const count = address === undefined ? undefined : this.#perAddress.get(address);
    if (address === undefined || count === undefined) return;
    if (count > 1) this.#perAddress.set(address, count - 1);
    else this.#perAddress.delete(address);
  }

  /** Counts a refusal; always false. */
  refuse(reason: string): false {
    this.refused += 1;
    this.#refusedUntold += 1;
    const now = this.#clock.now();
    if (now - this.#toldAt >= tellEveryMs) {
      const count = this.#refusedUntold;
      this.#toldAt = now;
      this.#refusedUntold = 0;
      tell(this.#observer, { name: "refused", id: 0, kind: "listener", by: "local", reason, count });
    }
    return false;
  }
}

/** The remote host if it counts: loopback, Unix and memory peers never do. */
function countedAddress(remote: string): string | undefined {
  if (!remote.startsWith("tcp:")) return undefined;
  const endpoint = parseEndpoint(remote);
  const host = "host" in endpoint ? endpoint.host : "";
  return host.startsWith("127.") || host === "::1" ? undefined : host;
}
