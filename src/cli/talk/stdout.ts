// The way to stdout: a file by direct writes, anything else as a stream, each with its own backpressure.
// Invariant: a pipe gets the bytes as they came; a terminal never gets a control character from a peer.

import { closeSync, fstatSync, openSync, write } from "node:fs";

import { Visible } from "./visible.js";

export interface Output {
  /** Resolves once there is room for more. @throws OutputClosed when the reader has gone. */
  write(chunk: Uint8Array): Promise<void>;
  /** Behind all that was written: the reader of a pipe sees the end, though this process lives on. */
  end(): Promise<void>;
}

/** Whoever read our stdout has gone (EPIPE). */
export class OutputClosed extends Error {}

export function openStdout(): Output {
  if (process.stdout.isTTY) return new TerminalOutput();
  const kind = fstatSync(1);
  return kind.isFile() ? new FileOutput(1) : new StreamOutput(kind.isFIFO() || kind.isSocket());
}

class FileOutput implements Output {
  readonly #descriptor: number;
  /** The write under way. While it runs the next chunk may be fetched already. */
  #underWay: Promise<void> = Promise.resolve();

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  async write(chunk: Uint8Array): Promise<void> {
    await this.#underWay;
    this.#underWay = this.#writeAll(chunk);
    this.#underWay.catch(() => {});
  }

  end(): Promise<void> {
    return this.#underWay;
  }

  async #writeAll(chunk: Uint8Array): Promise<void> {
    for (let written = 0; written < chunk.length; ) written += await this.#writeSome(chunk, written);
  }

  #writeSome(chunk: Uint8Array, from: number): Promise<number> {
    return new Promise((resolve, reject) => {
      write(this.#descriptor, chunk, from, chunk.length - from, null, (error, count) =>
        error === null ? resolve(count) : reject(error),
      );
    });
  }
}

class StreamOutput implements Output {
  readonly #canEnd: boolean;

  constructor(canEnd: boolean) {
    this.#canEnd = canEnd;
  }

  write(chunk: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      process.stdout.write(chunk, (error) => {
        if (!error) resolve();
        else reject("code" in error && error.code === "EPIPE" ? new OutputClosed() : error);
      });
    });
  }

  async end(): Promise<void> {
    if (!this.#canEnd) return;
    // Node never closes its own stdout. The number is taken again at once, so that no socket gets it.
    closeSync(1);
    openSync("/dev/null", "w");
  }
}

class TerminalOutput extends StreamOutput {
  readonly #visible = new Visible();

  constructor() {
    super(false);
  }

  override write(chunk: Uint8Array): Promise<void> {
    return super.write(this.#visible.show(chunk));
  }
}
