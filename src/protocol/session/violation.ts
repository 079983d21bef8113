// What a peer may not do, by the codes of docs/PROTOCOL.md section 8.
// Invariant: a violation is the peer's; our own mistakes are plain errors, and end the session too.

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

/** For what must hold whatever a peer does; checked in production too. @throws Error, which ends the session. */
export function invariant(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`a session has lost count: ${what}`);
}
