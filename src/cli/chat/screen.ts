// Where a chat is typed and shown: a terminal, or any pair of streams, line by line.
// Invariant: what comes never destroys the line that is being typed, and what a peer sent moves no cursor.

import { dim, say } from "../output.js";
import { LineCutter } from "../talk/lines.js";
import { openTerminal, type Terminal } from "../talk/terminal.js";
import { TypedScreen } from "./typed-screen.js";

export interface Screen {
  /** The next line that was typed; undefined at the end. */
  read(): Promise<string | undefined>;
  /** A line from the room. */
  hear(line: string): Promise<void>;
  /** A line about the link. */
  note(line: string): void;
  /** What we are called now. */
  rename(name: string): void;
  close(): void;
}

export function openScreen(): Screen {
  return process.stdin.isTTY && process.stdout.isTTY ? new TypedScreen() : new StreamScreen(openTerminal());
}

class StreamScreen implements Screen {
  readonly #terminal: Terminal;
  readonly #input = new LineCutter();
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder();
  #lines: string[] = [];
  #ended = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  async read(): Promise<string | undefined> {
    while (this.#lines.length === 0 && !this.#ended) {
      const chunk = await this.#terminal.read();
      this.#ended = chunk === undefined;
      const lines = chunk === undefined ? this.#input.rest() : this.#input.push(chunk);
      this.#lines = lines.map((line) => this.#decoder.decode(line));
    }
    return this.#lines.shift();
  }

  hear(line: string): Promise<void> {
    return this.#terminal.write(this.#encoder.encode(`${line}\n`));
  }

  note(line: string): void {
    say(dim(line));
  }

  rename(): void {}

  close(): void {}
}
