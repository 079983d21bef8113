// A program that a test starts, talks to and ends.
// Invariant: waiting is for what it writes or for its end, never for time; disposing of it ends it.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { resolve } from "node:path";

export interface ProgramOptions {
  /** Added to this process's own, without any HOLDFAST_… of it. */
  readonly env?: { readonly [name: string]: string };
  readonly cwd?: string;
}

/** Nothing that a program is to say takes so long; it keeps a word that has changed from hanging the whole file. */
const seenMs = 60_000;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The command as built: `npm test` builds before it runs. No hub takes its usual HTTP port unless it is told one. */
export function holdfast(args: readonly string[], options: ProgramOptions = {}): Program {
  const env = { HOLDFAST_HTTP: "off", ...options.env };
  return new Program(process.execPath, [resolve("dist/cli/main.js"), ...args], { ...options, env });
}

/** A Python program, given as its text. */
export function python(text: string): Program {
  return new Program("python3", ["-u", "-c", text]);
}

/** The part of a test's context that cleans up. */
export interface Cleanup {
  after(step: () => Promise<void> | void): void;
}

/** Starts `command`, which ends with the test. */
export function start(t: Cleanup, [command = "", ...args]: readonly string[]): Program {
  const program = new Program(command, args);
  t.after(() => program[Symbol.asyncDispose]());
  return program;
}

export class Program implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  #onChange: (() => void) | undefined;
  /** All that it has written so far. */
  stdout = "";
  stderr = "";
  readonly exit: Promise<Exit>;
  #hasExited = false;
  /** How much of stdout `line` has taken. */
  #linesEnd = 0;

  constructor(command: string, args: readonly string[], { env = {}, cwd }: ProgramOptions = {}) {
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith("HOLDFAST_"));
    this.#child = spawn(command, args, { env: { ...Object.fromEntries(own), ...env }, cwd });
    const { stdin, stdout, stderr } = this.#child;
    // It may end before it has read everything.
    stdin.on("error", () => {});
    stdout.setEncoding("utf8").on("data", (text: string) => this.#read("stdout", text));
    stderr.setEncoding("utf8").on("data", (text: string) => this.#read("stderr", text));
    this.exit = new Promise((resolve, reject) => {
      this.#child.on("error", reject);
      this.#child.on("close", (code, signal) => {
        this.#hasExited = true;
        this.#onChange?.();
        resolve({ code, signal });
      });
    });
    this.exit.catch(() => {});
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  write(text: string): void {
    this.#child.stdin.write(text);
  }

  end(): void {
    this.#child.stdin.end();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Closes our end of it, so that writing there fails. */
  stopReadingStderr(): void {
    this.#child.stderr.destroy();
  }

  stopReadingStdout(): void {
    this.#child.stdout.destroy();
  }

  /** The first match in what it writes. @throws Error if it ends without, or says nothing of it for a long time. */
  async sees(wanted: RegExp, on: "stdout" | "stderr" = "stdout"): Promise<RegExpExecArray> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#onChange?.();
    }, seenMs);
    try {
      for (;;) {
        const found = wanted.exec(this[on]);
        if (found !== null) return found;
        if (this.#hasExited || isLate) {
          const how = this.#hasExited ? "ended" : "goes on";
          throw new Error(`it ${how} without ${wanted}: ${this.stdout}\n${this.stderr}`);
        }
        await this.#change();
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** The next whole line of its stdout. @throws Error if it ends without. */
  async line(): Promise<string> {
    for (;;) {
      const start = this.#linesEnd;
      const end = this.stdout.indexOf("\n", start);
      if (end !== -1) {
        this.#linesEnd = end + 1;
        return this.stdout.slice(start, end);
      }
      if (this.#hasExited) throw new Error(`it ended without a line: ${this.stdout}\n${this.stderr}`);
      await this.#change();
    }
  }

  /** The next line as JSON. */
  async json<T>(): Promise<T> {
    return JSON.parse(await this.line()) as T;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasExited) this.#child.kill("SIGKILL");
    await this.exit;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#onChange = resolve;
    });
  }

  #read(stream: "stdout" | "stderr", text: string): void {
    this[stream] += text;
    this.#onChange?.();
  }
}
