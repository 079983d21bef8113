// lines(): one message a line, as people type them and most old protocols speak.
// Invariant: both LF and CRLF end a line on the way in; a line that could not be read back is never sent.

import { UsageError } from "../../core/errors.js";
import { text } from "../encoding/text.js";
import type { Framing } from "./framing.js";
import { checkLast, type LastFrame, MarkedFramer } from "./marks.js";

export interface LinesOptions {
  /** What ends a line that is sent: `lf` (default) or `crlf`. */
  readonly eol?: "lf" | "crlf" | undefined;
  /** A last line without a break, at a clean end: `deliver` it (default) or make it an `error`. */
  readonly last?: LastFrame | undefined;
}

const lf = new Uint8Array([0x0a]);
const crlf = new Uint8Array([0x0d, 0x0a]);

/**
 * Lines, with the break taken off. A carriage return belongs to the break only before a line feed: anywhere else,
 * at the very end of the input too, it is part of the line.
 * @throws UsageError for an option it does not know.
 */
export function lines({ eol = "lf", last = "deliver" }: LinesOptions = {}): Framing<string> {
  if (eol !== "lf" && eol !== "crlf") throw new UsageError(`eol must be "lf" or "crlf", got ${String(eol)}`);
  checkLast(last);
  return {
    name: "lines",
    defaultEncoding: text(),
    keepsBoundaries: true,
    open: ({ frameBytesMax }) =>
      new MarkedFramer({
        frameName: "a line",
        markName: "a line break",
        mark: lf,
        trailer: eol === "lf" ? lf : crlf,
        dropsReturn: true,
        last,
        frameBytesMax,
      }),
  };
}
