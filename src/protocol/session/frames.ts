// The frames of a session, as docs/PROTOCOL.md section 1 lays them out: what each type may look like, and its header.
// Invariant: this table is the only place that knows which types there are.

/** Bytes of a frame's header: length and type, stream, seq. */
export const headerBytes = 12;

/** The type byte: bit 7 sequenced, bits 0–5 the kind. */
export const frameTypes = {
  open: 0x81,
  data: 0x82,
  end: 0x83,
  abort: 0x84,
  ack: 0x05,
  credit: 0x06,
  ping: 0x07,
  pong: 0x08,
  goAway: 0x09,
  close: 0x0a,
  closeAck: 0x0b,
  hello: 0x10,
  welcome: 0x11,
  resume: 0x12,
  resumed: 0x13,
  reject: 0x14,
} as const;

export type FrameName = keyof typeof frameTypes;

/** Bit 6 of OPEN and DATA: nothing follows in this direction of the stream. */
export const lastFlag = 0x40;
const sequencedFlag = 0x80;

/** Fixed payloads in bytes; the others have bounds of their own. */
export const ackBytes = 8;
export const creditBytes = 16;
export const pingBytes = 8;
/** GOAWAY, CLOSE and ABORT. */
export const wordsBytesMax = 1_024;
export const handshakeBytesMax = 8_192;
/** OPEN before its name: flags and two lengths. */
export const openFixedBytes = 5;

/** Where a type may be, and how long its payload may get. `open` and `data` add what was agreed. */
export interface FrameRule {
  readonly name: FrameName;
  readonly isSequenced: boolean;
  readonly stream: "zero" | "any" | "not zero";
  readonly bytesMin: number;
  readonly bytesMax: number;
}

const unbounded = 2 ** 24 - 1;

const rules: readonly Omit<FrameRule, "isSequenced">[] = [
  { name: "open", stream: "not zero", bytesMin: openFixedBytes, bytesMax: unbounded },
  { name: "data", stream: "any", bytesMin: 0, bytesMax: unbounded },
  { name: "end", stream: "not zero", bytesMin: 0, bytesMax: 0 },
  { name: "abort", stream: "not zero", bytesMin: 0, bytesMax: wordsBytesMax },
  { name: "ack", stream: "zero", bytesMin: ackBytes, bytesMax: ackBytes },
  { name: "credit", stream: "any", bytesMin: creditBytes, bytesMax: creditBytes },
  { name: "ping", stream: "zero", bytesMin: pingBytes, bytesMax: pingBytes },
  { name: "pong", stream: "zero", bytesMin: pingBytes, bytesMax: pingBytes },
  { name: "goAway", stream: "zero", bytesMin: 0, bytesMax: wordsBytesMax },
  { name: "close", stream: "zero", bytesMin: 0, bytesMax: wordsBytesMax },
  { name: "closeAck", stream: "zero", bytesMin: 0, bytesMax: 0 },
  { name: "hello", stream: "zero", bytesMin: 0, bytesMax: handshakeBytesMax },
  { name: "welcome", stream: "zero", bytesMin: 0, bytesMax: handshakeBytesMax },
  { name: "resume", stream: "zero", bytesMin: 32, bytesMax: handshakeBytesMax },
  { name: "resumed", stream: "zero", bytesMin: 32, bytesMax: handshakeBytesMax },
  { name: "reject", stream: "zero", bytesMin: 0, bytesMax: handshakeBytesMax },
];

/** By type byte, LAST included; undefined for a type that does not exist. */
export const frameRules: readonly (FrameRule | undefined)[] = ruleTable();

function ruleTable(): (FrameRule | undefined)[] {
  const table: (FrameRule | undefined)[] = new Array(256).fill(undefined);
  for (const rule of rules) {
    const type = frameTypes[rule.name];
    const whole = { ...rule, isSequenced: (type & sequencedFlag) !== 0 };
    table[type] = whole;
    if (rule.name === "open" || rule.name === "data") table[type | lastFlag] = whole;
  }
  return table;
}

/** Writes a header at `at`. Bytes, not a DataView: twice as quick, and headers are as many as messages. */
export function writeHeader(
  into: Uint8Array,
  at: number,
  type: number,
  length: number,
  stream: number,
  seq: number,
): void {
  into[at] = length;
  into[at + 1] = length >>> 8;
  into[at + 2] = length >>> 16;
  into[at + 3] = type;
  writeUint32(into, at + 4, stream);
  writeUint32(into, at + 8, seq);
}

export function writeUint32(into: Uint8Array, at: number, value: number): void {
  into[at] = value;
  into[at + 1] = value >>> 8;
  into[at + 2] = value >>> 16;
  into[at + 3] = value >>> 24;
}

/** @param value At most 2^53 − 1. */
export function writeUint64(into: Uint8Array, at: number, value: number): void {
  writeUint32(into, at, value);
  writeUint32(into, at + 4, Math.floor(value / 2 ** 32));
}

export function readUint24(from: Uint8Array, at: number): number {
  return (from[at] ?? 0) | ((from[at + 1] ?? 0) << 8) | ((from[at + 2] ?? 0) << 16);
}

export function readUint32(from: Uint8Array, at: number): number {
  // Multiplied, not shifted: a shift would make the highest bit a sign.
  return readUint24(from, at) + (from[at + 3] ?? 0) * 0x1000000;
}

/** Undefined above 2^53 − 1, which no counter reaches. */
export function readUint64(from: Uint8Array, at: number): number | undefined {
  const value = readUint32(from, at) + readUint32(from, at + 4) * 2 ** 32;
  return value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

/** A whole frame of its own, for what is not sequenced. */
export function controlFrame(name: FrameName, payload: Uint8Array, stream = 0): Uint8Array {
  const frame = new Uint8Array(headerBytes + payload.length);
  writeHeader(frame, 0, frameTypes[name], payload.length, stream, 0);
  frame.set(payload, headerBytes);
  return frame;
}
