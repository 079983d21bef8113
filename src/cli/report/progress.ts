// One line on stderr that says how far a long transfer is.
// Invariant: it shows only where a person watches stderr and the payload goes elsewhere, and it is gone at the end.

import { clearStatus, showStatus } from "../output.js";
import { formatBytes } from "./units.js";

/** A transfer that is over before that needs no line. */
const firstMs = 1_000;
const everyMs = 250;

export class Progress {
  readonly #startedAt: number = performance.now();
  readonly #timer: NodeJS.Timeout;
  #bytesSent = 0;
  #bytesReceived = 0;

  constructor() {
    this.#timer = setInterval(() => this.#show(), everyMs);
    this.#timer.unref();
  }

  readonly sent = (chunk: Uint8Array): void => {
    this.#bytesSent += chunk.length;
  };

  readonly received = (chunk: Uint8Array): void => {
    this.#bytesReceived += chunk.length;
  };

  stop(): void {
    clearInterval(this.#timer);
    clearStatus();
  }

  #show(): void {
    const elapsedMs = performance.now() - this.#startedAt;
    const line = progressLine(this.#bytesSent, this.#bytesReceived, elapsedMs);
    if (line !== undefined) showStatus(line);
  }
}

/** `1.2 GiB sent, 3 B received, 420.0 MiB/s`; undefined while there is nothing worth a line. */
export function progressLine(sent: number, received: number, elapsedMs: number): string | undefined {
  if (elapsedMs < firstMs || sent + received === 0) return undefined;
  const rate = Math.round(((sent + received) * 1_000) / elapsedMs);
  const moved = [
    ...(sent > 0 ? [`${formatBytes(sent)} sent`] : []),
    ...(received > 0 ? [`${formatBytes(received)} received`] : []),
  ];
  return `${moved.join(", ")}, ${formatBytes(rate)}/s`;
}
