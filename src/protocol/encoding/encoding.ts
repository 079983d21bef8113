// The encoding contract: what is in a frame. Independent of where frames begin and end.
// Invariant: an encoding refuses what it cannot hold; it never replaces or drops anything silently.

/** What the user chooses: `text()`, `json()`, … One value serves any number of connections. */
export interface Encoding<Send, Receive = Send> {
  /** For errors and events: `text`. */
  readonly name: string;
  /** True where any cut of the bytes can be decoded, as `chunks()` needs: `bytes`, and `text` across its cuts. */
  readonly anyCut: boolean;
  /** True where every message is UTF-8: over WebSocket it is a text message then, else a binary one. */
  readonly isText?: boolean | undefined;
  /** The state of one connection. */
  open(): Encoder<Send, Receive>;
}

/** One connection's conversion between messages and frames; no I/O, no time. */
export interface Encoder<Send, Receive = Send> {
  /**
   * The message's bytes; valid until anything else is encoded, by whichever encoder, so whoever keeps them copies them.
   * @throws ProtocolError (`ERR_INVALID_MESSAGE`, by local) for what this encoding cannot hold.
   */
  encode(message: Send): Uint8Array;
  /**
   * The message in `frame`, which the message may go on using; undefined if so far there is none
   * (a cut through a character, where frames are cut anywhere).
   * @param cut true where `frame` may end inside a character that the next one goes on with.
   * @throws ProtocolError (`ERR_INVALID_BYTES`, by remote).
   */
  decode(frame: Uint8Array, cut: boolean): Receive | undefined;
  /** Says that no more frames come. @throws ProtocolError (`ERR_TRUNCATED`) if the last one was cut inside a character. */
  end(): void;
}
