// The experiment with bytes: a few sends, and what `receive` makes of them.
// TCP carries bytes and knows no messages: sends of one turn of the event loop leave in one write, the reads cut that as
// their size says, and only a framing puts the cuts back where the messages end.

import { connect } from "../../connection/connect.js";
import type { Connection } from "../../connection/connection.js";
import { listen } from "../../connection/listen.js";
import { SocketError } from "../../core/errors.js";
import { limits } from "../../core/limits.js";
import { reasonText } from "../../core/reason.js";
import { bytes } from "../../protocol/encoding/bytes.js";
import { text } from "../../protocol/encoding/text.js";
import { decodeUtf8 } from "../../protocol/encoding/utf8.js";
import { chunks } from "../../protocol/framing/chunks.js";
import type { Framing } from "../../protocol/framing/framing.js";
import { lengthPrefixed } from "../../protocol/framing/length-prefixed.js";
import { lines } from "../../protocol/framing/lines.js";
import type { BytesOrder, BytesReader, Stretch } from "./messages.js";
import { type Emit, type LabContext, type Run, runExperiment } from "./run.js";

const framings: { readonly [Name in BytesOrder["framing"]]: () => Framing<unknown> } = {
  none: chunks,
  lines: () => lines(),
  length4: () => lengthPrefixed({ size: 4 }),
};

/** Runs it: for each reader a connection of its own, over which the same messages go. */
export function runBytes(order: BytesOrder, emit: Emit<"bytes">, context: LabContext = {}): Promise<void> {
  return runExperiment("bytes", emit, context, async (run) => {
    const readers: BytesReader[] = order.framing === "none" ? ["bytes", "text"] : ["bytes", "framed"];
    const how = order.pauseMs ? `${order.pauseMs} ms apart` : "in one turn, so that they leave in one write";
    const said = `${order.messages.length} sends ${how}; the server reads up to ${order.readBytes} bytes at once`;
    await run.tell("lab", "began", said, { readers });
    for (const reader of readers) await new Reading(run, order, reader).run();
  });
}

class Reading {
  readonly #run: Run<"bytes">;
  readonly #order: BytesOrder;
  readonly #reader: BytesReader;
  readonly #framing: Framing<unknown>;
  /** Where each message that was sent lies on the wire; undefined for one that the framing refused. */
  readonly #sent: (Stretch | undefined)[] = [];
  #chunkBytes = 0;

  constructor(run: Run<"bytes">, order: BytesOrder, reader: BytesReader) {
    this.#run = run;
    this.#order = order;
    this.#reader = reader;
    this.#framing = framings[order.framing]();
  }

  async run(): Promise<void> {
    const run = this.#run;
    const reader = this.#reader;
    const format = { readBytesMax: this.#order.readBytes, ...this.#format() };
    const listener = await listen<unknown, unknown, Uint8Array | string>("tcp://127.0.0.1:0", format);
    run.keep(() => listener.close());
    const client = await connect(listener.endpoint, {
      framing: this.#framing,
      encoding: text(),
      signal: run.signal,
    });
    run.keep(() => client.abort());
    const server = await listener.accept({ signal: run.signal });
    if (server === undefined) throw run.signal.reason;
    run.keep(() => server.abort());
    const { local, remote } = client;
    await run.tell("lab", "connected", `${readerNames[reader]}: ${local} to ${remote}`, {
      reader,
      client: local,
      server: remote,
    });
    await Promise.all([this.#send(client), this.#read(server)]);
    await Promise.all([client.close(), server.close(), listener.close()]);
  }

  /** What `receive` is asked to make of the bytes. */
  #format() {
    if (this.#reader === "bytes") return { framing: chunks(), encoding: bytes() };
    return { framing: this.#reader === "text" ? chunks() : this.#framing, encoding: text() };
  }

  async #send(client: Connection<string, string>): Promise<void> {
    const { messages, pauseMs = 0 } = this.#order;
    for (const [message, said] of messages.entries()) {
      if (message > 0 && pauseMs > 0) await this.#run.pause(pauseMs);
      const from = takenBytes(client);
      try {
        // Resolved in the same turn: one write takes all that was sent in it.
        await client.send(said);
      } catch (error) {
        this.#refused(message, error);
        continue;
      }
      const to = takenBytes(client);
      const stretch = { from, to, hex: hex(this.#onWire(said)), text: said };
      this.#sent[message] = stretch;
      const says = `send ${message + 1} took ${counted(to - from, "byte")}: ${from} to ${to}`;
      void this.#run.tell("client", "sent", says, { reader: this.#reader, message, ...stretch });
    }
    await client.end();
  }

  #refused(message: number, error: unknown): void {
    if (!(error instanceof SocketError) || this.#run.signal.aborted) throw error;
    const says = `send ${message + 1} is refused: ${error.reason}`;
    void this.#run.tell("client", "refused", says, { reader: this.#reader, message, error: error.message });
  }

  /** With the marks that the framing puts around it. */
  #onWire(said: string): Uint8Array {
    const framer = this.#framing.open({ frameBytesMax: limits.frameBytesMax });
    const payload = Buffer.from(said);
    return Buffer.concat([framer.header(payload), payload, framer.trailer]);
  }

  async #read(server: Connection<never, Uint8Array | string>): Promise<void> {
    const reader = this.#reader;
    let n = 0;
    for await (const received of server) {
      if (typeof received === "string") {
        const says = `receive ${n + 1} gave the text ${JSON.stringify(received)}`;
        await this.#run.tell("server", "message", says, { reader, n, text: received });
      } else await this.#chunk(n, received);
      n += 1;
    }
    const { bytesReceived: bytes } = server.stats;
    const says = `${counted(bytes, "byte")} came, in ${counted(n, reader === "framed" ? "message" : "chunk")}; then the end`;
    await this.#run.tell("server", "ended", says, { reader, bytes, received: n });
  }

  async #chunk(n: number, chunk: Uint8Array): Promise<void> {
    const from = this.#chunkBytes;
    const to = from + chunk.length;
    this.#chunkBytes = to;
    const overlaps = this.#sent.flatMap((sent, at) => {
      return sent !== undefined && Math.max(sent.from, from) < Math.min(sent.to, to) ? [at] : [];
    });
    const decoded = decodedAlone(chunk);
    const whose = overlaps.map((at) => `${partOf(this.#sent[at], from, to)} message ${at + 1}`).join(", ");
    const error = decoded.error === undefined ? "" : "; alone it is no UTF-8: a character is cut";
    const says = `receive ${n + 1} gave ${counted(chunk.length, "byte")}: ${whose}${error}`;
    const data = { reader: this.#reader, n, from, to, hex: hex(chunk), overlaps, ...decoded };
    await this.#run.tell("server", "chunk", says, data);
  }
}

const readerNames: { readonly [Reader in BytesReader]: string } = {
  bytes: "without framing, as bytes",
  text: "without framing, as text()",
  framed: "with framing",
};

/** What `send` has taken so far, as it is on the wire. */
function takenBytes({ stats }: Pick<Connection, "stats">): number {
  return stats.bytesSent + stats.pendingBytes;
}

function partOf(sent: Stretch | undefined, from: number, to: number): string {
  const beginsHere = sent !== undefined && sent.from >= from;
  const endsHere = sent !== undefined && sent.to <= to;
  if (beginsHere && endsHere) return "all of";
  return beginsHere ? "the beginning of" : endsHere ? "the end of" : "the middle of";
}

function decodedAlone(chunk: Uint8Array): { readonly text: string; readonly error?: string } {
  try {
    return { text: decodeUtf8(chunk) };
  } catch (error) {
    return { text: new TextDecoder().decode(chunk), error: reasonText(error) };
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
