// What a peer may not do, by the codes of docs/PROTOCOL.md section 8.
// Invariant: a violation is the peer's; our own mistakes are plain errors, and end the session too.

import type { Ending } from "./contract.js";

/** Whether the link alone is cut, or the session ends at once. */
export const violations = {
  type: "link",
  length: "link",
  malformed: "link",
  gap: "link",
  stream: "link",
  streams: "link",
  credit: "link",
  ack: "link",
  unsent: "session",
  forgotten: "session",
  final: "session",
  abuse: "session",
} as const;

export type ViolationCode = keyof typeof violations;

export class Violation extends Error {
  readonly code: ViolationCode;

  constructor(code: ViolationCode, what: string) {
    super(what);
    this.code = code;
  }
}

/** Decides what follows from what was thrown while a peer's bytes were taken. */
export class Judge {
  /** What had been received when the last violation came. */
  #violatedAt: number | undefined;

  /** Undefined if the link alone is cut: unless the peer does it again at the same place, as it would for ever. */
  endingFor(thrown: unknown, received: number): Ending | undefined {
    if (!(thrown instanceof Violation)) {
      return {
        by: "local",
        code: "aborted",
        reason: thrown instanceof Error ? thrown.message : String(thrown),
      };
    }
    const { code, message } = thrown;
    const isRepeated = this.#violatedAt === received;
    this.#violatedAt = received;
    if (violations[code] === "link" && !isRepeated) return undefined;
    return { by: "remote", code: code === "abuse" ? code : "protocol", reason: message };
  }
}

/** For what must hold whatever a peer does; checked in production too. @throws Error, which ends the session. */
export function invariant(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`a session has lost count: ${what}`);
}
