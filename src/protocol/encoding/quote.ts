// What was found, for an error: a few characters of what a peer sent, harmless to print.
// Invariant: at most `quotedMax` characters of the input, and nothing that a terminal would act on.

const quotedMax = 32;

/** The first characters of `text` in quotation marks, all but printable ASCII escaped, with … if there is more. */
export function quoteText(text: string): string {
  const shown = JSON.stringify(text.slice(0, quotedMax)).replace(/[^ -~]/g, escaped);
  return text.length > quotedMax ? `${shown}…` : shown;
}

/** The same for bytes: those that are not ASCII are shown as `\xff`. */
export function quoteBytes(bytes: Uint8Array): string {
  let shown = "";
  for (const byte of bytes.subarray(0, quotedMax)) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    shown += plain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return bytes.length > quotedMax ? `"${shown}"…` : `"${shown}"`;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
