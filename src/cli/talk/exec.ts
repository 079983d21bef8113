// A process whose stdin and stdout are a connection.
// Invariant: neither outlives the other: the process's end closes the connection, and a connection that is cut ends
// the process and all that it started.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";

import type { Connection } from "../../index.js";
import type { Signals } from "../signals.js";
import { ConnectionEnd } from "./connection-end.js";
import { copy, type End } from "./end.js";
import type { Format } from "./format.js";
import { cut, onlyFailure, type Taps, unlessLost } from "./talk.js";

type Process = ChildProcessByStdio<Writable, Readable, null>;

export interface ExecOptions {
  /** For the shell. */
  readonly command: string;
  readonly format: Format;
  readonly taps: Taps;
  /** Ctrl-C ends the process too. */
  readonly signals: Pick<Signals, "beforeExit">;
}

/** Until the process has ended and the connection has closed. @throws what cut the connection short. */
export async function serveWithProcess(connection: Connection, options: ExecOptions): Promise<void> {
  const { command, format, taps, signals } = options;
  const child = start(command, connection);
  const kill = () => killGroup(child);
  const undo = signals.beforeExit(kill);
  const exited = once(child, "exit");
  const filter = new ProcessEnd(child);
  const peer = new ConnectionEnd(connection, format);
  const feeding = copy(peer, filter, taps.received);
  const answering = copy(filter, peer, taps.sent);
  try {
    // The peer's end is no end yet, since the process may still answer; a cut is, and so is an answer that is lost.
    const failure = await Promise.race([answering, onlyFailure(feeding)]);
    if (failure === undefined) await Promise.race([exited, onlyFailure(feeding)]);
    else {
      kill();
      // If the peer had ended in order, it only wanted no more; else this tells why.
      await feeding;
      unlessLost(failure);
    }
    await connection.close();
  } catch (error) {
    kill();
    await cut(connection, error);
    throw error;
  } finally {
    undo();
  }
}

/** In a process group of its own, so that what it starts can be ended with it. */
function start(command: string, connection: Connection): Process {
  return spawn(command, {
    shell: true,
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, HOLDFAST_LOCAL: connection.local, HOLDFAST_REMOTE: connection.remote },
  });
}

function killGroup({ pid, exitCode, signalCode }: Process): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, "SIGTERM");
  } catch {
    // It has gone by itself, in this moment.
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
