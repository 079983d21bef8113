// What is put to the test: a client and a server that send each other numbered messages through a cutter.

import type { Direction } from "./tally.js";

/** The same for all contenders: whoever waits longer for a dead link loses time, not messages. */
export interface Heartbeat {
  /** Silence after which one asks whether the peer is there. */
  readonly pingAfterMs: number;
  /** Silence after which the link is dead. */
  readonly deadAfterMs: number;
}

export interface Stage {
  readonly heartbeat: Heartbeat;
  /** Puts the cutter in front of the server. Returns the endpoint that the client dials. */
  through(server: string): Promise<string>;
  /** To be told of each message that comes out: `up` at the server, `down` at the client. */
  delivered(direction: Direction, message: string): void;
}

export interface Contender {
  readonly name: string;
  /** What a reader must know to judge its figures. */
  readonly settings: string;
  /** It says of itself that nothing is lost, doubled or reordered: a run in which something is has failed. */
  readonly isExact: boolean;
  /** Starts both sides; resolves once they are connected. */
  open(stage: Stage): Promise<OpenContender>;
}

export interface OpenContender {
  /** Sends as this contender's user would, connected or not: `up` from the client. Waits where the contender does. */
  send(direction: Direction, message: string): Promise<void> | void;
  /** Releases everything, at once. */
  close(): Promise<void>;
}
