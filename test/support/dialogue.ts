// Another program beside the test: what it says line by line, and that it never outlives the test.

import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";

/** The part of a test's context that cleans up. */
export interface Cleanup {
  after(step: () => void | Promise<void>): void;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class Program {
  readonly child: ChildProcess;
  readonly exited: Promise<Exit>;
  /** All that came on stderr, for a test that fails. */
  stderr = "";
  #unread = "";
  #ended = false;
  #wake: () => void = () => {};

  /** Starts `command`, which is killed when the test ends. */
  constructor(t: Cleanup, command: string, args: readonly string[], options: SpawnOptions = {}) {
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], ...options });
    this.child = child;
    this.exited = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
    child.stdout?.setEncoding("utf8").on("data", (text: string) => this.#said(text));
    child.stdout?.on("end", () => {
      this.#ended = true;
      this.#wake();
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    // It may end before it has read all that it is told.
    child.stdin?.on("error", () => {});
    t.after(async () => {
      child.kill("SIGKILL");
      await this.exited;
    });
  }

  /** The next line that it prints. @throws Error with its stderr if it ends without one. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#unread.indexOf("\n");
      if (end !== -1) {
        const line = this.#unread.slice(0, end);
        this.#unread = this.#unread.slice(end + 1);
        return line;
      }
      if (this.#ended) throw new Error(`it ended without a line; it said ${this.#unread} ${this.stderr}`);
      await this.#more();
    }
  }

  /** The next line as JSON. */
  async json<T>(): Promise<T> {
    return JSON.parse(await this.line()) as T;
  }

  /** Waits until it has printed `text`, and takes everything up to its end. */
  async until(text: string): Promise<string> {
    for (;;) {
      const found = this.#unread.indexOf(text);
      if (found !== -1) {
        const taken = this.#unread.slice(0, found + text.length);
        this.#unread = this.#unread.slice(found + text.length);
        return taken;
      }
      if (this.#ended) throw new Error(`it never said ${text}, but ${this.#unread} ${this.stderr}`);
      await this.#more();
    }
  }

  /** All that it prints from now on, once it has closed its output. */
  async rest(): Promise<string> {
    while (!this.#ended) await this.#more();
    const rest = this.#unread;
    this.#unread = "";
    return rest;
  }

  write(text: string): void {
    this.child.stdin?.write(text);
  }

  end(): void {
    this.child.stdin?.end();
  }

  #said(text: string): void {
    this.#unread += text;
    this.#wake();
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
