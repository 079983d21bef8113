// The framing contract: cutting a stream of bytes into frames, and marking frames in a stream.
// Invariant: a framing error is permanent, since after it nobody knows where the next frame begins.

import type { ByteQueue } from "../../core/byte-queue.js";
import type { Encoding } from "../encoding/encoding.js";

export interface FramingLimits {
  /** The largest frame, in bytes, without its marks. */
  readonly frameBytesMax: number;
  /** The largest chunk where there are no frames: the n of recv(n). Default: no bound. */
  readonly readBytesMax?: number;
}

/** What the user chooses: `lines()`, `lengthPrefixed()`, … One value serves any number of connections. */
export interface Framing<Message = Uint8Array> {
  /** For errors and events: `lines`. */
  readonly name: string;
  /** The encoding used where the user names none. */
  readonly defaultEncoding: Encoding<Message, Message>;
  /** False where frames are cut anywhere, so that only encodings which can be cut anywhere go with it. */
  readonly keepsBoundaries: boolean;
  /** The state of one connection. */
  open(limits: FramingLimits): Framer;
}

/** One connection's cutting and marking; no I/O, no time. */
export interface Framer {
  /**
   * The next whole frame out of `input`, or undefined until more has come. The frame is the caller's.
   * @throws LimitError for a frame above `frameBytesMax`, before it is buffered; ProtocolError for forbidden bytes.
   */
  decode(input: ByteQueue): Uint8Array | undefined;
  /**
   * The last frame, once no more bytes will come; called after `decode` has returned undefined.
   * @throws ProtocolError (`ERR_TRUNCATED`) if the input stops inside a frame.
   */
  end(input: ByteQueue): Uint8Array | undefined;
  /**
   * What stands before `frame` on the wire; valid until the next call.
   * @throws LimitError, or ProtocolError (by local) if `frame` holds what it cannot carry; nothing has been written then.
   */
  header(frame: Uint8Array): Uint8Array;
  /** What stands behind every frame on the wire. */
  readonly trailer: Uint8Array;
}
