// Every bound that Holdfast keeps, with the reason it has this value. Bytes and milliseconds throughout.
// Invariant: whatever a user puts in the place of a default is a whole number that the code can keep to.

import { UsageError } from "./errors.js";

/** The defaults. Each can be changed where the option of the same name is taken. */
export const limits = {
  /** The largest frame on a plain connection. gRPC takes 4 MiB, ws 100 MiB; a message above 1 MiB is better sent as many. */
  frameBytesMax: 1_048_576,
  /** What one connection queues for a peer that does not read. As large as the kernel's own send buffer grows by default. */
  sendBufferBytes: 524_288,
  /** Calls of `send` that may wait for room on one connection. Beyond it the caller does not await, and would grow without end. */
  sendCallsMax: 1024,
  /** Unread bytes at which a connection stops reading its socket, unless a frame needs more to be whole. */
  receiveBufferBytes: 262_144,
  /** The most taken from a socket in one read: measured best for large messages; the buffer is shared by the whole process. */
  readBytesMax: 262_144,
  /** Connections per server. Clamped to the process's descriptor limit less `descriptorReserve`. */
  connectionsMax: 10_000,
  /** Connections from one remote address; 0 is no bound, since many users may share one address behind a NAT. */
  connectionsPerAddressMax: 0,
  /** Descriptors kept free for files, logs, DNS and the refusal itself. */
  descriptorReserve: 64,
  /** Connections that the kernel holds for us until they are accepted: Node's and nginx's default. */
  backlog: 511,
  /** One attempt to connect, over all of a name's addresses. */
  timeoutMs: 10_000,
  /** How long `close` waits for a peer that takes nothing: a slow one frees a kernel's buffer in bursts, seconds apart. */
  flushMs: 30_000,
  /** How long `close` then discards what the peer still sends, so that our last reply is not lost to a reset. */
  lingerMs: 2_000,
  /** Silence after which a connection is cut; 0 is never, since only the application knows what silence means. */
  idleTimeoutMs: 0,
  /** How long `drain` lets handlers finish. */
  drainMs: 10_000,
  /** First and largest pause between attempts, before full jitter. */
  retryBaseMs: 100,
  retryMaxMs: 5_000,
  /** Head start of one address over the next when a name has several (RFC 8305 section 5 recommends 250 ms). */
  addressDelayMs: 250,
  /** The largest datagram taken: the most that UDP's own length field can say. */
  datagramBytesMax: 65_536,
  /**
   * Datagrams, and their bytes, held for a reader that is behind; beyond it new ones are dropped and counted. The same
   * holds for sends that the kernel has not taken yet; beyond it they are refused.
   */
  datagramsQueuedMax: 4_096,
  datagramQueueBytes: 4_194_304,
  /**
   * What a session takes, announced to the other side (docs/PROTOCOL.md section 9). The largest message: it is copied
   * whole, and one per stream may wait; four fit the main stream's credit.
   */
  messageBytesMax: 262_144,
  /** A stream's name and metadata: what HTTP servers of old took as all headers. They cost room and no credit. */
  openBytesMax: 4_096,
  /** What may be unread on one stream: 10 ms at 25 MB/s, so that 100 ms of round trip carry 2.5 MB/s per stream. */
  streamCreditBytes: 262_144,
  /** The same for the session's own flow, which most traffic takes. */
  mainCreditBytes: 1_048_576,
  /** Streams that the other side may have open: twice what HTTP/2 servers usually take. */
  streamsMax: 256,
  /** What is kept for the other side until it has acknowledged it; then `send` waits. 40 MB/s over 100 ms. */
  outboxBytesMax: 4_194_304,
  /** TLS sessions that this process could continue as a client, each a few kilobytes; beyond it the oldest is forgotten. */
  tlsTicketsMax: 256,
  /** From a link's opening to its whole HELLO or RESUME, and then to the first ACK; and for a TLS handshake. Two lost segments are sent again within it. */
  handshakeMs: 5_000,
  /** What an HTTP request's header may take before the connection is a WebSocket: Node's own default, twice nginx's. */
  upgradeBytesMax: 16_384,
  /** The longest message of a session over WebSocket: longer writes are cut, and whoever sends longer ones is no session. */
  linkMessageBytesMax: 1_048_576,
  /** A PROXY header: 16 bytes, addresses of 216 at most, and what else a proxy may say, such as a client's certificate. */
  proxyHeaderBytesMax: 4_096,
  /** How long a session is kept without a link. A phone changes networks, a laptop a room, a server its process within it. */
  sessionTtlMs: 120_000,
  /** How long a session that is done is kept for the other side, which may not know: a client that redials finds it within. */
  doneMs: 10_000,
  /** Sessions without a link: as many as connections, since a proxy that is restarted cuts all of them at once. */
  detachedSessionsMax: 10_000,
  /** Silence in either direction after which a side asks whether the other lives. */
  pingAfterMs: 5_000,
  /** Silence after which the link is cut: two PINGs unanswered, and what the network sends again in between. */
  deadAfterMs: 15_000,
  /** How long a link that is in doubt (we slept, or the network changed) has to answer. */
  probeMs: 2_000,
  /** How long ACK and CREDIT wait for a write that they can go with; TCP's own wait 40 ms and more. */
  ackDelayMs: 50,
  /** What has come since the last ACK, so that another goes at once; or a quarter of the sender's outbox, if that is less. */
  ackAfterBytes: 65_536,
  /** Streams that a peer may open and abort before it was answered, at once; then so many more in a second. */
  earlyAbortsMax: 2_048,
  earlyAbortsPerSecondMax: 256,
  /** The longest message in the room, at either door. Eight times what the articles' `recv(1024)` takes, and what web servers take as one header line. */
  plainLineBytesMax: 8_192,
  /** The silence that ends a message at the plain door; 0 is never. Longer than a burst of typing programs pauses, shorter than a person notices. */
  plainQuietMs: 300,
  /** How long the plain door waits for a peer that speaks first, as HTTP and TLS do once they are connected. Within 100 ms curl's telnet looks at the network, before it waits for a line typed. */
  plainGreetingMs: 80,
  /** What the room says in a second, its work counted in; a quarter of it at once, which must fit `sendBufferBytes`. */
  roomPaceBytes: 1_048_576,
  /** Lines of a room that whoever joins is shown: about a screen. */
  roomHistoryMax: 20,
  /** Members up to which everyone is told who comes and goes. In larger rooms a thousand arrivals would be a million lines. */
  roomNoticesMax: 100,
  /** What an experiment of the lab sends, each way: what a page can still draw one by one. */
  labMessagesMax: 1_000,
  /** What its experiment with bytes sends together: a few screens of hex. */
  labBytesMax: 4_096,
  /** How many reads those bytes may take, each of which is shown. */
  labReadsMax: 512,
  /** Steps by hand in its experiment with a connection's life, and how long any experiment may take. */
  labStepsMax: 200,
  labMs: 600_000,
  /** Experiments that pages run at the same time, in all. Each page has one at most. */
  labRunsMax: 8,
  /** Pages that watch the hub's sockets: each is sent a snapshot of up to 256 KiB a second. */
  liveWatchersMax: 64,
  /** Sockets in a snapshot, those that move most: more than anybody reads. */
  liveSocketsMax: 200,
  /** Sockets that have closed, with why: those of the last minutes of a calm hub. */
  liveClosedMax: 100,
  /** Steps that are kept of a socket's life, its first and the newest. A life without cuts has five. */
  liveStepsMax: 16,
  /** Wrong admin codes from one address, and how long it then waits: a code of 16 characters is not guessed so. */
  adminTriesMax: 5,
  adminPauseMs: 60_000,
} as const;

/** The name of a limit, which is also the name of the option that moves it. */
export type LimitName = keyof typeof limits;

/** Those that may be 0 though they are no times. */
const zeroes: readonly LimitName[] = ["connectionsPerAddressMax", "streamsMax"];

/**
 * The bound in force: the caller's if given, else the default.
 * @param written What the caller calls it, for the error.
 * @throws UsageError for a value that is no bound.
 */
export function limit(name: LimitName, given: number | undefined, written: string = name): number {
  if (given === undefined) return limits[name];
  const smallest = name.endsWith("Ms") || zeroes.includes(name) ? 0 : 1;
  if (!Number.isSafeInteger(given) || given < smallest) {
    throw new UsageError(`${written} must be a whole number of at least ${smallest}, got ${String(given)}`);
  }
  // A frame's length must fit the widest length prefix, four bytes.
  if (name === "frameBytesMax" && given >= 2 ** 32) {
    throw new UsageError(`frameBytesMax must be below 2^32, got ${given}`);
  }
  return given;
}
