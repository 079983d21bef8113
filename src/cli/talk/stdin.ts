// What comes from stdin: a file in large reads, anything else as a stream.
// Invariant: nothing is read before somebody asks, so what waits for a connection waits outside this process.

import { fstatSync, readSync } from "node:fs";

export interface Input {
  readonly isTerminal: boolean;
  read(): Promise<Uint8Array | undefined>;
}

export function openStdin(): Input {
  return fstatSync(0).isFile() ? new FileInput(0) : new StreamInput();
}

/** Measured best between memory and calls: four times what a pipe holds. */
const fileReadBytes = 256 * 1024;

class FileInput implements Input {
  readonly isTerminal = false;
  readonly #descriptor: number;
  readonly #buffer = new Uint8Array(fileReadBytes);

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** At once, as Node itself treats files: by way of its threads each read costs more than the read. */
  async read(): Promise<Uint8Array | undefined> {
    // From the file's own position, which the shell may have moved.
    const count = readSync(this.#descriptor, this.#buffer, 0, this.#buffer.length, null);
    return count === 0 ? undefined : this.#buffer.subarray(0, count);
  }
}

class StreamInput implements Input {
  #chunks: AsyncIterator<Uint8Array> | undefined;

  get isTerminal(): boolean {
    return process.stdin.isTTY === true;
  }

  async read(): Promise<Uint8Array | undefined> {
    this.#chunks ??= process.stdin[Symbol.asyncIterator]();
    const { done, value } = await this.#chunks.next();
    return done === true ? undefined : value;
  }
}
