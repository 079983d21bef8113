// A process whose stdin and stdout are a connection.
// Invariant: neither outlives the other: the process's end closes the connection, and whatever ended it, nothing that
// the process started is left behind.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";

import { type Connection, DisconnectedError } from "../../index.js";
import type { Signals } from "../signals.js";
import { ConnectionEnd } from "./connection-end.js";
import { copy, type End } from "./end.js";
import type { Format } from "./format.js";
import { endGroup, signalGroup } from "./process-group.js";
import { cut, onlyFailure, type Taps, unlessLost } from "./talk.js";

type Process = ChildProcessByStdio<Writable, Readable, null> & { readonly pid: number };

export interface ExecOptions {
  /** For the shell. */
  readonly command: string;
  readonly format: Format;
  readonly taps: Taps;
  /** Ctrl-C ends the process too. */
  readonly signals: Pick<Signals, "beforeExit">;
}

/**
 * Until the process has ended and the connection has closed.
 * @throws what cut the connection short, or why no process could be started.
 */
export async function serveWithProcess(connection: Connection, options: ExecOptions): Promise<void> {
  let child: Process | undefined;
  let undo: (() => void) | undefined;
  try {
    child = await start(options.command, connection);
    const { pid } = child;
    undo = options.signals.beforeExit(() => void signalGroup(pid, "SIGTERM"));
    await converse(connection, child, options);
  } catch (error) {
    await cut(connection, error);
    throw error;
  } finally {
    // Also behind an end in good order: the shell's own end is not that of what it left in the background.
    if (child !== undefined) await endGroup(child.pid);
    undo?.();
  }
}

async function converse(connection: Connection, child: Process, { format, taps }: ExecOptions) {
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const filter = new ProcessEnd(child);
  const peer = new ConnectionEnd(connection, format);
  const feeding = copy(peer, filter, taps.received);
  const answering = copy(filter, peer, taps.sent);
  // The peer's end is no end yet, since the process may still answer; a cut is, and so is an answer that is lost.
  const failure = await Promise.race([answering, onlyFailure(feeding)]);
  if (failure === undefined) await Promise.race([exited, onlyFailure(feeding)]);
  else {
    signalGroup(child.pid, "SIGTERM");
    unlessLost(failure);
    // If the peer had ended in order, it only wanted no more; else this tells why.
    await feeding;
  }
  await connection.close();
}

/** In a process group of its own, so that what it starts can be ended with it. */
async function start(command: string, { local, remote }: Connection): Promise<Process> {
  try {
    const child = spawn(command, {
      shell: true,
      detached: true,
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, HOLDFAST_LOCAL: local, HOLDFAST_REMOTE: remote },
    });
    // Before that, and without, it may have neither a number nor pipes.
    await once(child, "spawn");
    return child as Process;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== "EMFILE" && code !== "ENFILE") throw cause;
    throw new DisconnectedError("ERR_DESCRIPTORS", "no descriptor is left for a process", {
      op: "exec",
      endpoint: remote,
      advice: "allow more with ulimit -n, or fewer connections with --connections-max",
      cause,
    });
  }
}

class ProcessEnd implements End {
  readonly #input: Writable;
  readonly #chunks: AsyncIterator<Uint8Array>;

  constructor({ stdin, stdout }: Process) {
    this.#input = stdin;
    // A process may end without reading all of its input; that is its own affair.
    stdin.on("error", () => {});
    this.#chunks = stdout[Symbol.asyncIterator]();
  }

  async read(): Promise<Uint8Array | undefined> {
    const { done, value } = await this.#chunks.next();
    return done === true ? undefined : value;
  }

  /** What a process no longer reads is dropped: its peer is told by its end. */
  write(chunk: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      if (this.#input.destroyed) resolve();
      else this.#input.write(chunk, () => resolve());
    });
  }

  async end(): Promise<void> {
    this.#input.end();
  }
}
