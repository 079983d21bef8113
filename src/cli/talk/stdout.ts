// The way to stdout: a file by direct writes, anything else as a stream, each with its own backpressure.
// Invariant: a pipe gets the bytes as they came; a terminal never gets a control character from a peer.

import { closeSync, fstatSync, openSync, writeSync } from "node:fs";

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

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** At once, as Node itself treats files: by way of its threads each write costs more than the write. */
  async write(chunk: Uint8Array): Promise<void> {
    for (let written = 0; written < chunk.length; ) {
      written += writeSync(this.#descriptor, chunk, written, chunk.length - written, null);
    }
  }

  async end(): Promise<void> {}
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

  override end(): Promise<void> {
    return super.write(this.#visible.rest());
  }
}
