// The lab's experiments as data: what a learner chooses, and what the sockets really did. The page and the terminal show
// the same. Each experiment runs on sockets of its own, on this machine's loopback, and stops by itself.

/** On the page each is a stream `lab.NAME`; the first message is its order, what follows are steps by hand. */
export const labNames = ["bytes", "life", "cut", "kinds"] as const;
export type LabName = (typeof labNames)[number];

/** Three sends, and the chunks that receive really saw. */
export interface BytesOrder {
  /** What is sent, one message each: 1 to 8, together at most 4 KiB. */
  readonly messages: readonly string[];
  readonly framing: "none" | "lines" | "length4";
  /** The n of recv(n): 1 to 1024. */
  readonly readBytes: number;
}

export interface LifeOrder {
  /** What is done, in this order, each once the one before has been seen to happen. */
  readonly steps: readonly LifeStep[];
}
export const lifeSteps = [
  "listen",
  "connect",
  "accept",
  "client-sends",
  "server-replies",
  "client-ends",
  "server-ends",
  "client-closes",
  "server-closes",
  "fill-backlog",
] as const;
export type LifeStep = (typeof lifeSteps)[number];

/** A session whose link is broken in the middle of a count. */
export interface CutOrder {
  readonly how: "reset" | "close" | "half-open";
  /** 10 to 1,000. */
  readonly messages: number;
}

/** The same numbered messages over TCP and over UDP. */
export interface KindsOrder {
  /** 10 to 1,000. */
  readonly messages: number;
  /** Of a hundred datagrams, how many are dropped on the way: 0 to 90. */
  readonly lossPercent: number;
  readonly seed: number;
}

export interface LabOrders {
  readonly bytes: BytesOrder;
  readonly life: LifeOrder;
  readonly cut: CutOrder;
  readonly kinds: KindsOrder;
}

/** One thing that a socket did. `data` differs by event; each experiment's file says which there are. */
export interface LabEvent {
  /** Milliseconds since the experiment began. */
  readonly atMs: number;
  readonly who: "client" | "server" | "network" | "lab";
  readonly event: string;
  /** In plain words, for a learner. */
  readonly text: string;
  readonly data?: { readonly [name: string]: unknown } | undefined;
}
