// delimited(): frames that end at bytes of your choice: NUL, a comma, "\r\n\r\n", a boundary line.
// Invariant: the first place where the delimiter stands ends the frame, and no frame is sent that would end early.

import { UsageError } from "../../core/errors.js";
import { bytes } from "../encoding/bytes.js";
import type { Framing } from "./framing.js";
import { checkLast, type LastFrame, MarkedFramer } from "./marks.js";

export interface DelimitedOptions {
  /** A last frame without a delimiter, at a clean end: `deliver` it (default) or make it an `error`. */
  readonly last?: LastFrame | undefined;
}

/**
 * Frames with `delimiter` behind each. A string stands for its UTF-8 bytes.
 * @throws UsageError for an empty delimiter or an option it does not know.
 */
export function delimited(
  delimiter: Uint8Array | string,
  { last = "deliver" }: DelimitedOptions = {},
): Framing<Uint8Array> {
  checkLast(last);
  const mark =
    typeof delimiter === "string" ? new TextEncoder().encode(delimiter) : new Uint8Array(delimiter);
  if (mark.length === 0) throw new UsageError("a delimiter must have at least one byte");
  return {
    name: "delimited",
    defaultEncoding: bytes(),
    keepsBoundaries: true,
    open: ({ frameBytesMax }) =>
      new MarkedFramer({
        frameName: "a frame",
        markName: "the delimiter",
        mark,
        trailer: mark,
        dropsReturn: false,
        last,
        frameBytesMax,
      }),
  };
}
