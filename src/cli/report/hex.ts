// Bytes as `hexdump -C` shows them, with the direction before each line.

const perLine = 16;

/** `> 00000000  68 65 6c 6c 6f 0a …  |hello.|`: `>` went to the peer, `<` came from it. */
export function hexLines(direction: ">" | "<", chunk: Uint8Array, offset: number): string[] {
  const found: string[] = [];
  for (let from = 0; from < chunk.length; from += perLine) {
    const row = chunk.subarray(from, from + perLine);
    const at = (offset + from).toString(16).padStart(8, "0");
    const bytes = [...row].map((byte) => byte.toString(16).padStart(2, "0"));
    const halves = `${bytes.slice(0, 8).join(" ")}  ${bytes.slice(8).join(" ")}`.padEnd(3 * perLine);
    found.push(`${direction} ${at}  ${halves}  |${[...row].map(printable).join("")}|`);
  }
  return found;
}

function printable(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
}
