// What becomes of a mistake in a user's callback: it is seen, and harms nothing.
// Invariant: reporting never throws, and never ends the process.

interface Reporting {
  readonly process?: { emitWarning?(warning: Error | string): void };
  reportError?(error: unknown): void;
}

/** A process warning where there are processes, the console's error event elsewhere. */
export function reportMistake(mistake: unknown): void {
  const { process, reportError } = globalThis as Reporting;
  if (process?.emitWarning === undefined) reportError?.(mistake);
  else process.emitWarning(warningOf(mistake));
}

/** Anything can be thrown, but not all of it can be warned of. */
function warningOf(mistake: unknown): Error | string {
  if (mistake instanceof Error || typeof mistake === "string") return mistake;
  return new Error("a callback threw something that is no error", { cause: mistake });
}
