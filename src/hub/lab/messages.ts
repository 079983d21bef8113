// The lab's experiments as data: what a learner chooses, and what the sockets really did. The page and the terminal show
// the same. Each experiment runs on sockets of its own, on this machine's loopback, and stops by itself.

/** On the page each is a stream `lab.NAME`; the first message is its order, what follows are steps by hand. */
export const labNames = ["bytes", "life", "cut", "kinds"] as const;
export type LabName = (typeof labNames)[number];

/** A few sends, and the chunks that receive really saw. */
export interface BytesOrder {
  /** What is sent, one message each: 1 to 8, together at most 4 KiB. */
  readonly messages: readonly string[];
  readonly framing: "none" | "lines" | "length4";
  /** The n of recv(n): 1 to 1024. No more than 512 reads for all the bytes together. */
  readonly readBytes: number;
  /** Waited between two sends, 0 to 1,000; 0 is the default: all in one turn of the event loop, so in one write. */
  readonly pauseMs?: number | undefined;
}

export interface LifeOrder {
  /** What is done at once, in this order; steps by hand may follow. */
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
  "client-resets",
  "fill-backlog",
] as const;
export type LifeStep = (typeof lifeSteps)[number];

export const cutWays = ["reset", "close", "half-open"] as const;
export type CutWay = (typeof cutWays)[number];

/** A session whose link is broken in the middle of a count. */
export interface CutOrder {
  readonly how: CutWay;
  /** 10 to 1,000, each way. */
  readonly messages: number;
}

/** The same numbered messages over TCP and over UDP. */
export interface KindsOrder {
  /** 10 to 1,000. */
  readonly messages: number;
  /** Of a hundred datagrams, how many are dropped on the way: 0 to 90. */
  readonly lossPercent: number;
  /** 0 to 2^32-1: the same seed drops and swaps the same datagrams. */
  readonly seed: number;
}

export interface LabOrders {
  readonly bytes: BytesOrder;
  readonly life: LifeOrder;
  readonly cut: CutOrder;
  readonly kinds: KindsOrder;
}

export type LabWho = "client" | "server" | "network" | "lab";

/** One thing that a socket did; `event` says which, and so what its `data` is. */
export type LabEvent<Name extends LabName = LabName> = {
  [N in Name]: {
    [Event in keyof LabEvents[N] & string]: {
      /** Milliseconds since the experiment began. */
      readonly atMs: number;
      readonly who: LabWho;
      readonly event: Event;
      /** In plain words, for a learner. */
      readonly text: string;
      readonly data: LabEvents[N][Event];
    };
  }[keyof LabEvents[N] & string];
}[Name];

/** Every event of every experiment, and its data. */
export interface LabEvents {
  readonly bytes: BytesEvents;
  readonly life: LifeEvents;
  readonly cut: CutEvents;
  readonly kinds: KindsEvents;
}

/**
 * Who reads: `bytes`, what `receive` gives without framing, as `recv(n)` would; `text`, the same decoded by text(), which
 * waits for a character that is cut; `framed`, whole messages, if there is a framing. Each has a connection of its own,
 * over which the same messages are sent, one reader after the other.
 */
export type BytesReader = "bytes" | "text" | "framed";

export interface BytesEvents {
  readonly began: { readonly readers: readonly BytesReader[] };
  readonly connected: { readonly reader: BytesReader; readonly client: string; readonly server: string };
  /** `from` and `to` count bytes on the wire, from 0; `to` is the first byte that is not its own. */
  readonly sent: { readonly reader: BytesReader; readonly message: number } & Stretch;
  /** The framing cannot carry this message, such as a line break within a line. */
  readonly refused: { readonly reader: BytesReader; readonly message: number; readonly error: string };
  readonly chunk: BytesChunk;
  /** Of `text` and `framed`. */
  readonly message: { readonly reader: BytesReader; readonly n: number; readonly text: string };
  readonly ended: { readonly reader: BytesReader; readonly bytes: number; readonly received: number };
}

export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly hex: string;
  readonly text: string;
}

/** `text` is this chunk decoded alone, with U+FFFD where that fails. */
export interface BytesChunk extends Stretch {
  readonly reader: BytesReader;
  readonly n: number;
  /** The messages that it has bytes of, their marks (line break, length) included. */
  readonly overlaps: readonly number[];
  /** What a strict decoder says of this chunk alone. */
  readonly error?: string | undefined;
}

export interface LifeEvents {
  readonly began: { readonly sides: LifeSides };
  /** What the verb did, as it ended: from our own life-cycle events, or what a side read. */
  readonly happened: { readonly step: LifeStep | undefined; readonly sides: LifeSides };
  /** The step cannot be done as things stand; nothing has changed. */
  readonly refused: { readonly step: string; readonly sides: LifeSides };
  /** `fill-backlog`: a second listener, which never accepts. */
  readonly backlog: {
    readonly backlog: number;
    readonly tried: number;
    readonly open: number;
    readonly unanswered: number;
    /** What the kernel says of the clients' sockets, such as `{ ESTABLISHED: 3, SYN_SENT: 1 }`. */
    readonly kernel: { readonly [state: string]: number };
    /** Connections that the kernel holds until somebody accepts; undefined where it does not tell. */
    readonly queued: number | undefined;
  };
  readonly ended: { readonly sides: LifeSides };
}

/** How each socket stands: in our words, and in the kernel's (`LISTEN`, `FIN_WAIT2`, … `none`: it knows no such socket). */
export interface LifeSides {
  readonly listener: SocketView;
  readonly client: SocketView;
  readonly server: SocketView;
}

export interface SocketView {
  readonly state:
    | "none"
    | "listening"
    | "connecting"
    | "waiting"
    | "open"
    | "ended-here"
    | "ended-there"
    | "closed";
  /** Undefined where this system does not tell. */
  readonly kernel: string | undefined;
  readonly local: string | undefined;
}

export interface CutEvents {
  readonly began: { readonly how: CutWay; readonly messages: number; readonly deadAfterMs: number };
  /** Whenever a number has changed, at most twenty times a second. */
  readonly counts: CutCounts;
  /** The relay carries nothing from now on; nobody is told. */
  readonly silent: { readonly on: CutRoad; readonly at: number };
  /** It has reset or closed both of its connections, with what it held. */
  readonly cut: { readonly on: CutRoad; readonly how: CutWay; readonly droppedBytes: number };
  readonly resuming: { readonly reason: string };
  readonly resumed: Readonly<Record<string, never>>;
  /** The plain connection has ended, or was opened anew. */
  readonly lost: { readonly reason: string };
  readonly redialled: { readonly connection: number };
  readonly result: CutResult;
}

/** Over which the same messages go. */
export type CutRoad = "session" | "plain";

export interface CutCounts {
  readonly session: { readonly client: SessionCounts; readonly server: SessionCounts };
  readonly plain: { readonly client: PlainCounts; readonly server: PlainCounts };
}

export interface PlainCounts {
  /** Messages that `send` has taken. */
  readonly sent: number;
  /** Different messages that have been received. */
  readonly arrived: number;
  /** Its link's, or connection's, number: 1, and one more for each that follows. */
  readonly link: number;
}

export interface SessionCounts extends PlainCounts {
  readonly state: string;
  /** What is kept until it is acknowledged, as room counts it: at least 64 bytes a message. */
  readonly outboxBytes: number;
  readonly unacknowledged: number;
  /** Numbers of the last frame sent, acknowledged by the other side, and received. */
  readonly seq: number;
  readonly acknowledgedSeq: number;
  readonly receivedSeq: number;
}

/** `up` is from client to server. */
export interface CutResult {
  readonly session: { readonly up: Score; readonly down: Score; readonly links: number };
  readonly plain: { readonly up: Score; readonly down: Score; readonly links: number };
}

export interface Score {
  /** Taken by `send`. */
  readonly sent: number;
  readonly arrived: number;
  readonly lost: number;
  /** Arrivals of what had arrived before. */
  readonly doubled: number;
}

export type Kind = "tcp" | "udp";

export interface KindsEvents {
  readonly began: { readonly messages: number; readonly lossPercent: number; readonly seed: number };
  /** The next numbers, from 1, that were sent, over TCP and over UDP. */
  readonly sent: { readonly numbers: readonly number[] };
  /** By the relay on UDP's way. */
  readonly dropped: { readonly numbers: readonly number[] };
  /** Each pair went on in the other order. */
  readonly swapped: { readonly pairs: readonly (readonly [first: number, second: number])[] };
  /** In the order in which they came. */
  readonly arrived: { readonly kind: Kind; readonly numbers: readonly number[] };
  readonly result: { readonly tcp: KindScore; readonly udp: KindScore };
}

export interface KindScore {
  readonly sent: number;
  readonly arrived: number;
  readonly missing: readonly number[];
  /** Those that came behind a higher number. */
  readonly outOfOrder: readonly number[];
}
