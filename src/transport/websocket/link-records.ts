// A WebSocket as records, one per message, as connections use it: see protocol/framing/records.ts.
// Invariant: what comes is delivered record by record, whole; what is written may be cut anywhere, and a message that
// spans writes leaves as fragments.

import { recordHeaderBytes, recordKinds, writeRecordHeader } from "../../protocol/framing/records.js";
import { type Cut, LinkStream } from "./link-stream.js";

/** Where short messages get their headers: one for all, since each is delivered before the next is looked at. */
const joined = new Uint8Array(16_384);

export class RecordsOverLink extends LinkStream {
  readonly carriesRecords = true;
  readonly #header: Uint8Array = new Uint8Array(recordHeaderBytes);
  /** How much of the header of the record that is being written has come. */
  #headerBytes = 0;
  /** What is missing of it behind its header. */
  #missingBytes = 0;
  readonly #cut: Cut = { end: 0, payload: undefined, isText: false, isLast: true };

  protected cut(bytes: Uint8Array): Cut {
    const cut = this.#cut;
    const start = this.#takeHeader(bytes);
    cut.end = Math.min(bytes.length, start + this.#missingBytes);
    this.#missingBytes -= cut.end - start;
    const isWhole = this.#headerBytes === recordHeaderBytes;
    cut.isLast = isWhole && this.#missingBytes === 0;
    // A fragment without a byte in it says nothing; a message without one does.
    cut.payload = cut.end > start || cut.isLast ? bytes.subarray(start, cut.end) : undefined;
    if (cut.isLast) this.#headerBytes = 0;
    return cut;
  }

  protected deliver(view: Uint8Array, isText: boolean): void {
    const size = recordHeaderBytes + view.length;
    const record = size <= joined.length ? joined.subarray(0, size) : new Uint8Array(size);
    writeRecordHeader(record, isText, view.length);
    record.set(view, recordHeaderBytes);
    this.sink?.onChunk(record);
  }

  /** What of the next header stands at the front of `bytes`; answers how long that is. */
  #takeHeader(bytes: Uint8Array): number {
    let taken = 0;
    while (this.#headerBytes < recordHeaderBytes && taken < bytes.length) {
      this.#header[this.#headerBytes] = bytes[taken] ?? 0;
      this.#headerBytes += 1;
      taken += 1;
    }
    if (taken > 0 && this.#headerBytes === recordHeaderBytes) {
      const [kind = 0, a = 0, b = 0, c = 0, d = 0] = this.#header;
      this.#cut.isText = kind === recordKinds.text;
      this.#missingBytes = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
    }
    return taken;
  }
}
