// What the session machine is given, and what it tells: its whole surface towards time, memory and the application.
// Invariant: nothing here knows of sockets, timers or promises.

import type { Flow } from "./flow.js";
import type { HeartbeatOptions } from "./heartbeat.js";
import type { SlabSource } from "./outbox.js";
import type { SessionLimits } from "./session-limits.js";
import type { GoAway } from "./words.js";

export interface MachineOptions {
  readonly isClient: boolean;
  /** What we take, and what the peer takes. */
  readonly limits: SessionLimits;
  readonly peerLimits: SessionLimits;
  readonly heartbeat: HeartbeatOptions;
  readonly ackDelayMs: number;
  readonly slabs: SlabSource;
}

/** How it ended: by whom, with which code of CLOSE, and why. */
export interface Ending {
  readonly by: "local" | "remote" | "network";
  readonly code: string;
  readonly reason: string;
  /** The peer says so, in its CLOSE: what is wrong then is ours. */
  readonly isHeard?: boolean | undefined;
}

/** What has happened. Called from inside the machine: calling back into it is for later. */
export interface MachineSink {
  /** There is something to write. */
  onOutput(): void;
  /** Server: the client has begun, so the session exists. */
  onConfirmed(): void;
  /** The peer has opened a stream. */
  onOpened(flow: Flow): void;
  /** A stream has more to read, has ended, or was aborted. */
  onInput(flow: Flow): void;
  /** More of what we sent is acknowledged, or a stream is free. */
  onProgress(): void;
  onGoAway(words: GoAway): void;
  /** The peer has said CLOSE: nothing more can be sent. */
  onPeerClosing(reason: string): void;
  /** The link must be cut now; the session goes on without it. */
  onBroken(reason: string): void;
  /** It is over. What `writing` still gives is for the link, which is then ended in order. */
  onClosed(ending: Ending): void;
}
