// The messages of a contest: a number, and enough behind it that a message which was torn cannot pass for a whole one.
// Invariant: `seqOf` gives back the number of exactly what `messageOf` made.

/** Lengths vary up to this, so that cuts fall within messages as well as between them. */
const fillMax = 200;

/** One line of ASCII. */
export function messageOf(seq: number): string {
  return `${seq} ${"x".repeat(seq % fillMax)}.`;
}

/** Undefined for what is no message, or not all of one. */
export function seqOf(message: string): number | undefined {
  const seq = Number(message.slice(0, message.indexOf(" ")));
  return Number.isSafeInteger(seq) && message === messageOf(seq) ? seq : undefined;
}
