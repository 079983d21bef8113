// What comes from stdin: a file in large reads, one ahead of its use; anything else as a stream.
// Invariant: nothing is read before somebody asks, so what waits for a connection waits outside this process.

import { fstatSync, read } from "node:fs";

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
  /** One is in use while the other is filled. */
  readonly #buffers = [new Uint8Array(fileReadBytes), new Uint8Array(fileReadBytes)] as const;
  #filling: 0 | 1 = 0;
  #ahead: Promise<Uint8Array | undefined> | undefined;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  async read(): Promise<Uint8Array | undefined> {
    const chunk = await (this.#ahead ?? this.#fill());
    this.#ahead = chunk === undefined ? Promise.resolve(undefined) : this.#fill();
    // It is seen when it is awaited; until then it must not count as unhandled.
    this.#ahead.catch(() => {});
    return chunk;
  }

  #fill(): Promise<Uint8Array | undefined> {
    const buffer = this.#buffers[this.#filling];
    this.#filling = this.#filling === 0 ? 1 : 0;
    return new Promise((resolve, reject) => {
      // From the file's own position, which the shell may have moved.
      read(this.#descriptor, buffer, 0, buffer.length, null, (error, count) => {
        if (error !== null) reject(error);
        else resolve(count === 0 ? undefined : buffer.subarray(0, count));
      });
    });
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
