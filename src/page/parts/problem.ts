// What went wrong on a stream, for people.

/** Why a stream ended, in the hub's own words where it has said any. */
export function problemOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [, said] = /aborted the stream \((?:aborted: )?(.*)\)$/s.exec(message) ?? [];
  return said ?? message;
}
