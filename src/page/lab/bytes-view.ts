// What the experiment Bytes shows, out of its events: what was sent, and for each reader the chunks that it really saw.
// Invariant: a byte is drawn in the colour of the message that it came from, and only where an event says it was.

import type { BytesReader, LabEvent } from "../../hub.js";

export interface BytesView {
  readonly readers: readonly ReaderView[];
  readonly refused: readonly string[];
}

export interface ReaderView {
  readonly reader: BytesReader;
  readonly sends: readonly Block[];
  readonly chunks: readonly ChunkBlock[];
  readonly messages: readonly string[];
  /** Undefined until it has read to the end. */
  readonly received: number | undefined;
}

export interface Block {
  /** Which message it is, from 0; of a chunk, which `receive`. */
  readonly n: number;
  readonly cells: readonly Cell[];
}

export interface ChunkBlock extends Block {
  readonly text: string;
  /** What a strict decoder says of this chunk alone. */
  readonly error: string | undefined;
}

/** One byte. */
export interface Cell {
  /** Its place on the wire. */
  readonly at: number;
  readonly hex: string;
  /** What it is alone in ASCII; a dot for what is not. */
  readonly sign: string;
  /** The message that it came from; undefined where that is not known. */
  readonly message: number | undefined;
}

export function bytesView(events: readonly LabEvent<"bytes">[]): BytesView {
  const began = events.find((event) => event.event === "began");
  const names = began?.event === "began" ? began.data.readers : [];
  const refused = events.flatMap((event) => (event.event === "refused" ? [event.data.error] : []));
  return { readers: names.map((reader) => readerView(reader, events)), refused: [...new Set(refused)] };
}

function readerView(reader: BytesReader, events: readonly LabEvent<"bytes">[]): ReaderView {
  const own = events.filter(({ data }) => "reader" in data && data.reader === reader);
  const sent = own.flatMap((event) => (event.event === "sent" ? [event.data] : []));
  const owner = (at: number) => sent.find(({ from, to }) => from <= at && at < to)?.message;
  const ended = own.find((event) => event.event === "ended");
  return {
    reader,
    sends: sent.map(({ message, from, hex }) => ({ n: message, cells: cellsOf(hex, from, () => message) })),
    chunks: own.flatMap((event) => {
      if (event.event !== "chunk") return [];
      const { n, from, hex, text, error } = event.data;
      return [{ n, text, error, cells: cellsOf(hex, from, owner) }];
    }),
    messages: own.flatMap((event) => (event.event === "message" ? [event.data.text] : [])),
    received: ended?.event === "ended" ? ended.data.received : undefined,
  };
}

function cellsOf(hex: string, from: number, owner: (at: number) => number | undefined): Cell[] {
  const pairs = hex.match(/[0-9a-f]{2}/gi) ?? [];
  return pairs.map((pair, index) => ({
    at: from + index,
    hex: pair,
    sign: signOf(Number.parseInt(pair, 16)),
    message: owner(from + index),
  }));
}

function signOf(byte: number): string {
  if (byte === 0x0a) return "⏎";
  if (byte === 0x20) return "␣";
  return byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·";
}

/** The places of the slider: the n of recv(n), which is more interesting where it is small. */
export const readSizes = [
  1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 32, 48, 64, 128, 256, 512, 1_024,
] as const;
