// The two ways out: stdout carries the payload alone, stderr all that is said about it.
// Invariant: a reader that has gone never crashes the process, and a status line never mixes with what is said.

/** One line of what the command was asked for. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** One line about it. */
export function say(line: string): void {
  clearStatus();
  process.stderr.write(`${line}\n`);
}

/** Dim where it is shown to a person. */
export function dim(text: string, on: NodeJS.WriteStream = process.stderr): string {
  return isPlain(on) ? text : `\u001b[2m${text}\u001b[22m`;
}

const colours = { green: 32, yellow: 33, magenta: 35, cyan: 36 } as const;

/** In a colour where it is shown to a person. */
export function paint(text: string, colour: keyof typeof colours, on: NodeJS.WriteStream): string {
  return isPlain(on) ? text : `\u001b[${colours[colour]}m${text}\u001b[39m`;
}

/** No terminal, or one that wants no colours (https://no-color.org). */
function isPlain(on: NodeJS.WriteStream): boolean {
  const { NO_COLOR, TERM } = process.env;
  return !on.isTTY || (NO_COLOR !== undefined && NO_COLOR !== "") || TERM === "dumb";
}

let statusRows = 0;

/** Lines on a terminal that the next ones replace. */
export function showStatus(...lines: readonly string[]): void {
  // A line that went on below would not be found again. A terminal without a size says 0.
  const columns = (process.stderr.columns || Number.POSITIVE_INFINITY) - 1;
  const shown = lines.map((line) => `\u001b[K${line.slice(0, columns)}`);
  process.stderr.write(statusStart() + shown.join("\n"));
  statusRows = lines.length;
}

export function clearStatus(): void {
  if (statusRows === 0) return;
  process.stderr.write(`${statusStart()}\u001b[J`);
  statusRows = 0;
}

/** Back to where the status begins. */
function statusStart(): string {
  return statusRows > 1 ? `\r\u001b[${statusRows - 1}A` : "\r";
}

/** From now on a closed stdout or stderr is no event of its own: whoever writes there is told by its callback. */
export function quietly(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
}

/** Resolves once the system has all that was written to both. */
export async function flushed(): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map(flushedStream));
}

function flushedStream(stream: NodeJS.WriteStream): Promise<void> | undefined {
  // A stream that nothing waits in, or that broke, has nothing to flush.
  if (stream.writableLength === 0 || stream.destroyed) return undefined;
  return new Promise((resolve) => stream.write("", () => resolve()));
}
