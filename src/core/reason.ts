// Why something ended, in words, whatever was thrown or given as the reason.
// Invariant: asking for the words never throws, and what comes back is a string.

/** The message of an error, the text of anything else. */
export function reasonText(reason: unknown): string {
  try {
    const text: unknown = reason instanceof Error ? reason.message : String(reason);
    return typeof text === "string" ? text : String(text);
  } catch {
    return "something that has no text";
  }
}
