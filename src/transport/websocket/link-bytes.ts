// A WebSocket as the bytes of its binary messages, one behind the other, as sessions use it: where one message ends and
// the next begins means nothing.

import { ProtocolError } from "../../core/errors.js";
import { limits } from "../../core/limits.js";
import { type Cut, LinkStream } from "./link-stream.js";

export class BytesOverLink extends LinkStream {
  readonly #cut: Cut = { end: 0, payload: undefined, isText: false, isLast: true };

  /** One message per write, unless that is longer than a peer must take. */
  protected cut(bytes: Uint8Array): Cut {
    const cut = this.#cut;
    cut.end = Math.min(bytes.length, limits.linkMessageBytesMax);
    cut.payload = bytes.subarray(0, cut.end);
    return cut;
  }

  protected deliver(view: Uint8Array, isText: boolean): void {
    if (isText) {
      const reason = "a session is binary messages, and the peer sent text";
      this.refuse(
        1003,
        new ProtocolError("ERR_INVALID_MESSAGE", "remote", reason, { endpoint: this.remote }),
      );
    } else if (view.length > 0) this.sink?.onChunk(view);
  }
}
