// What --framing, --encoding and --eol mean: how stdin becomes messages, and messages become stdout.
// Invariant: with nothing said, bytes pass untouched; with a framing, a message is one line on our side of the wire.

import {
  bytes,
  chunks,
  delimited,
  type Encoding,
  type Framing,
  json,
  lengthPrefixed,
  lines,
  text,
  UsageError,
} from "../../index.js";
import type { OptionsOf } from "../options/table.js";
import { checked } from "./checked.js";
import { LineCutter, ReturnAdder } from "./lines.js";

export type FormatChoice = Pick<OptionsOf<"connect">, "framing" | "encoding" | "eol">;

/** What a connection is opened with. Messages are bytes, whatever the encoding demands of them. */
export interface Format {
  /** Undefined over WebSocket, which keeps messages apart itself. */
  readonly framing: Framing<Uint8Array> | undefined;
  readonly encoding: Encoding<Uint8Array>;
  /** Whether frames are messages; else they are chunks, cut anywhere. */
  readonly keepsBoundaries: boolean;
  /** What follows each message on stdout. */
  readonly trailer: Uint8Array;
  /** The conversion of one conversation's stdin. */
  openInput(): InputFormat;
}

export interface InputFormat {
  /** The messages that `chunk` completes; valid as long as `chunk` is. */
  push(chunk: Uint8Array): readonly Uint8Array[];
  /** Those that the end completes. */
  rest(): readonly Uint8Array[];
}

/** The same for datagrams and sessions, whose messages need no framing on the wire. */
export type MessageFormat = Pick<Format, "encoding" | "trailer" | "openInput">;

/** `lines` means that a datagram is a line on our side. @throws UsageError for other framings. */
export function datagramFormatOf(choice: FormatChoice): MessageFormat {
  const { framing } = choice;
  if (framing === "nul" || framing === "length4") {
    throw new UsageError(`--framing ${framing} does not go with udp://`, {
      advice: "a datagram is a message by itself; use lines to have one a line",
    });
  }
  const { trailer, openInput } = formatOf({ ...choice, encoding: "bytes" });
  return { trailer, openInput, encoding: encodingOf({ ...choice, framing: "length4" }, false) };
}

/** A session keeps messages apart by itself, too: on our side each is a line. */
export function sessionFormatOf(choice: Omit<FormatChoice, "framing">): MessageFormat {
  return formatOf({ ...choice, framing: "length4" });
}

/** What the user said of it, where that is not the same as saying nothing. */
type Said = { readonly framing?: unknown; readonly encoding?: unknown };

/**
 * So does a WebSocket. Unless --encoding says otherwise its messages are text, as most servers want them, and those that
 * come may be anything. @throws UsageError for a framing.
 */
export function webSocketFormatOf(choice: FormatChoice, said: Said): Format {
  if (said.framing !== undefined) {
    const advice = "leave it out: a WebSocket keeps messages apart by itself, and each is a line here";
    throw new UsageError("--framing does not go with ws:// and wss://", { advice });
  }
  const format = { ...formatOf({ ...choice, framing: "length4" }), framing: undefined };
  if (said.encoding !== undefined) return format;
  return { ...format, encoding: checked(text(), { cut: false, oneLine: false, incoming: false }) };
}

/** Bytes as they come. */
export const untouched: Format = formatOf({ framing: "chunks", encoding: "bytes", eol: undefined });

/** @throws UsageError for choices that do not go together. */
export function formatOf(choice: FormatChoice): Format {
  const { framing, eol } = choice;
  const keepsBoundaries = framing !== "chunks";
  if (framing === "lines" && eol === "none") {
    throw new UsageError("--framing lines and --eol none do not go together", { advice: "use lf or crlf" });
  }
  return {
    framing: framingOf(choice),
    encoding: encodingOf(choice, !keepsBoundaries),
    keepsBoundaries,
    trailer: trailerOf(choice),
    openInput: () => {
      if (keepsBoundaries) return new LineCutter();
      return eol === "crlf" ? new ReturnAdder() : passing;
    },
  };
}

function framingOf({ framing, eol }: FormatChoice): Framing<Uint8Array> {
  switch (framing) {
    case "chunks":
      return chunks();
    case "lines":
      return { ...lines({ eol: eol === "crlf" ? "crlf" : "lf" }), defaultEncoding: bytes() };
    case "nul":
      return delimited("\0");
    case "length4":
      return lengthPrefixed({ size: 4 });
  }
}

function encodingOf({ framing, encoding }: FormatChoice, cut: boolean): Encoding<Uint8Array> {
  switch (encoding) {
    case "bytes":
      return bytes();
    case "text":
      return checked(text(), { cut, oneLine: false });
    case "json":
      if (cut) {
        const advice = "add --framing lines, nul or length4";
        throw new UsageError("--encoding json needs a framing that keeps messages apart", { advice });
      }
      return checked(json(), { cut, oneLine: framing !== "lines" });
  }
}

function trailerOf({ framing, eol }: FormatChoice): Uint8Array {
  if (framing === "chunks") return new Uint8Array(0);
  if (framing === "lines") return endings.lf;
  return endings[eol ?? "lf"];
}

const endings = {
  lf: new Uint8Array([0x0a]),
  crlf: new Uint8Array([0x0d, 0x0a]),
  none: new Uint8Array(0),
} as const;

const passing: InputFormat = { push: (chunk) => [chunk], rest: () => [] };
