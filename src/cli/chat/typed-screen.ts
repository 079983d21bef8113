// A chat on a terminal: what is typed stands below, behind our name, and what comes is written above it.

import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from "node:readline";

import { dim } from "../output.js";
import { visible } from "../talk/visible.js";
import type { Screen } from "./screen.js";

export class TypedScreen implements Screen {
  readonly #output: NodeJS.WriteStream = process.stdout;
  readonly #readline: Interface;
  readonly #lines: AsyncIterator<string, undefined>;
  #isClosed = false;

  constructor() {
    this.#readline = createInterface({ input: process.stdin, output: this.#output, prompt: "" });
    this.#lines = this.#readline[Symbol.asyncIterator]() as AsyncIterator<string, undefined>;
    this.#readline.once("close", () => {
      this.#isClosed = true;
      // The shell's prompt begins its own line.
      this.#output.write("\n");
    });
    // In raw mode Ctrl-C is a key; to the rest of the command it is the signal it always was.
    this.#readline.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
    this.note("/cut cuts your link, to see it come back; /quit leaves");
  }

  async read(): Promise<string | undefined> {
    if (!this.#isClosed) this.#readline.prompt();
    const { value } = await this.#lines.next();
    return value;
  }

  async hear(line: string): Promise<void> {
    const shown = visible(line);
    this.#show(shown.startsWith("* ") ? dim(shown, this.#output) : shown);
  }

  note(line: string): void {
    this.#show(dim(`- ${line}`, this.#output));
  }

  rename(name: string): void {
    this.#readline.setPrompt(`${visible(name)}: `);
    if (!this.#isClosed) this.#readline.prompt(true);
  }

  close(): void {
    this.#readline.close();
  }

  /** Above the line that is typed, however many rows that has. */
  #show(line: string): void {
    if (this.#isClosed) {
      this.#output.write(`${line}\n`);
      return;
    }
    const { rows } = this.#readline.getCursorPos();
    moveCursor(this.#output, 0, -rows);
    cursorTo(this.#output, 0);
    clearScreenDown(this.#output);
    // readline goes up by as many rows as its cursor stood below its first one.
    this.#output.write(`${line}\n${"\n".repeat(rows)}`);
    this.#readline.prompt(true);
  }
}
