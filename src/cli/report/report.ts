// What a run says on stderr about its sockets: -v, --json, --hex and the progress line, behind one face.
// Invariant: with none of them a run that goes well says nothing.

import type { LifecycleEvent, LifecycleObserver, SessionClosed, TlsState } from "../../index.js";
import { dim, say } from "../output.js";
import type { Taps } from "../talk/talk.js";
import {
  type Moved,
  recordOf,
  sentenceOf,
  unacknowledgedRecord,
  unacknowledgedSentence,
  warningRecord,
} from "./events.js";
import { hexLines } from "./hex.js";
import { Progress } from "./progress.js";
import { tlsRecord, tlsSentences } from "./tls.js";

export interface ReportOptions {
  readonly verbose: boolean;
  readonly json: boolean;
  readonly hex?: boolean;
}

/** A connection, a datagram socket, or a session. */
export interface Watched {
  /** As in its events; a session's own id. */
  readonly id: number | string;
  readonly stats: Moved;
  readonly closed: Promise<unknown>;
  readonly tls?: TlsState | undefined;
}

export class Report {
  readonly #options: ReportOptions;
  readonly #sockets = new Map<number | string, Watched>();
  readonly #progress: Progress | undefined;

  constructor(options: ReportOptions) {
    this.#options = options;
    const { verbose, json, hex } = options;
    const isWatched = process.stderr.isTTY && !(process.stdout.isTTY || verbose || json || hex);
    this.#progress = isWatched ? new Progress() : undefined;
  }

  /** For the library; undefined if nobody wants to know. */
  get observer(): { readonly observer?: LifecycleObserver } {
    const { verbose, json } = this.#options;
    return verbose || json ? { observer: (event) => this.#tell(event) } : {};
  }

  /** From now on its closing tells its bytes. What it returns is for whoever copies its payload. */
  watch(socket: Watched): Taps {
    this.#sockets.set(socket.id, socket);
    void socket.closed.then(() => this.#sockets.delete(socket.id));
    if (socket.tls !== undefined) this.#secured(socket.id, socket.tls);
    const taps = this.#progress === undefined ? [] : [this.#progress];
    return {
      sent: [...taps.map(({ sent }) => sent), ...this.#dump(">")],
      received: [...taps.map(({ received }) => received), ...this.#dump("<")],
    };
  }

  /** Where we listen: said even if nothing else is, since a port may have been chosen. */
  listening(endpoint: string): void {
    if (!this.#options.json) say(`listening on ${endpoint}`);
  }

  /** It goes on, and its user should know. */
  readonly warn = (text: string): void => {
    say(this.#options.json ? warningRecord(text, new Date()) : `holdfast: warning: ${text}`);
  };

  /** One connection of many has failed. */
  failed(error: unknown): void {
    // With --json its `closed` event has told already.
    if (!this.#options.json) say(`holdfast: ${error instanceof Error ? error.message : String(error)}`);
  }

  /** A session was lost: which messages may not have arrived. */
  unacknowledged(closed: SessionClosed): void {
    const at = new Date();
    if (this.#options.json) say(unacknowledgedRecord(closed, at));
    else if (closed.unacknowledged.messages > 0) say(`holdfast: ${unacknowledgedSentence(closed)}`);
  }

  stop(): void {
    this.#progress?.stop();
  }

  #tell(event: LifecycleEvent): void {
    const id = event.session ?? event.id;
    const stats = event.name === "closed" ? this.#sockets.get(id)?.stats : undefined;
    const moved = stats && { bytesSent: stats.bytesSent, bytesReceived: stats.bytesReceived };
    if (this.#options.json) say(recordOf(event, moved, new Date()));
    else {
      const sentence = sentenceOf(event, moved);
      if (sentence !== undefined) say(dim(sentence));
    }
  }

  #secured(id: number | string, tls: TlsState): void {
    const { json, verbose } = this.#options;
    if (json)
      say(JSON.stringify({ time: new Date().toISOString(), event: "secured", id, ...tlsRecord(tls) }));
    else if (verbose) for (const sentence of tlsSentences(tls)) say(dim(`#${id} ${sentence}`));
  }

  #dump(direction: ">" | "<"): ((chunk: Uint8Array) => void)[] {
    if (!this.#options.hex) return [];
    let offset = 0;
    const dump = (chunk: Uint8Array) => {
      for (const line of hexLines(direction, chunk, offset)) say(line);
      offset += chunk.length;
    };
    return [dump];
  }
}
