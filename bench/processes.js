// The child processes of a run: started, asked, ended.
// Invariant: none outlives its measurement; one that fails or falls silent fails the run.

import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const peerPath = fileURLToPath(new URL("peer.js", import.meta.url));
const answerMs = 30_000;

export class Peer {
  #child;
  /** @type {Promise<never>} */ #died;

  constructor() {
    this.#child = fork(peerPath, [], { execArgv: ["--expose-gc"] });
    this.#died = once(this.#child, "exit").then(([code, signal]) => {
      throw new Error(`a measuring process ended with ${signal ?? code}`);
    });
    // It is always raced in `ask`; between questions nobody listens.
    this.#died.catch(() => {});
  }

  /**
   * @param {string} name One of the questions in peer.js.
   * @param {object} [details]
   * @returns {Promise<any>}
   */
  async ask(name, details = {}) {
    this.#child.send({ name, details });
    const late = AbortSignal.timeout(answerMs);
    const answered = once(this.#child, "message", { signal: late });
    answered.catch(() => {});
    const [{ answer, error }] = await Promise.race([answered, this.#died]);
    if (error !== undefined) throw new Error(`${name}: ${error}`);
    return answer;
  }

  async end() {
    this.#child.kill("SIGKILL");
    await this.#died.catch(() => {});
  }
}

/**
 * Runs `measure` with a fresh server and a fresh client, and ends both.
 * @template Result
 * @param {(server: Peer, client: Peer) => Promise<Result>} measure
 * @returns {Promise<Result>}
 */
export async function withPeers(measure) {
  const server = new Peer();
  const client = new Peer();
  try {
    return await measure(server, client);
  } finally {
    await Promise.all([server.end(), client.end()]);
  }
}
