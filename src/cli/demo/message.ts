// The messages of a contest: a number, and enough behind it that a message which was torn cannot pass for a whole one.
// Invariant: `seqOf` gives back the number of exactly what `messageOf` made.

/** Lengths vary up to this, so that cuts fall within messages as well as between them. */
const fillMax = 200;

/** One line of ASCII, with its number at both ends. */
export function messageOf(seq: number): string {
  return `${seq} ${"x".repeat(seq % fillMax)} ${seq}`;
}

/** Undefined for what is no message, or not all of one. */
export function seqOf(message: string): number | undefined {
  const seq = Number(/^\d{1,15}(?= )/.exec(message)?.[0]);
  return Number.isNaN(seq) || message !== messageOf(seq) ? undefined : seq;
}
