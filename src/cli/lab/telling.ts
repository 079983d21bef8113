// What an experiment tells, as lines: for people, on a terminal of any width or in a file.
// Invariant: what sockets carried moves no cursor; without a terminal there is no colour and no line that is overwritten.

import type { LabEvent, LabWho, LifeSides } from "../../hub.js";
import { clearStatus, dim, paint, print, showStatus } from "../output.js";
import { visible } from "../talk/visible.js";

const colours = { client: "cyan", server: "magenta", network: "yellow", lab: "green" } as const satisfies {
  readonly [Who in LabWho]: string;
};
/** `  1234.5 network `. */
const timeWidth = 8;
const whoWidth = 7;
const indent = timeWidth + whoWidth + 2;
const columnsMin = 30;

export class Telling {
  #counts: string | undefined;
  #sides: string | undefined;

  tell(event: LabEvent): void {
    if (isProgress(event)) {
      if (process.stderr.isTTY) showStatus(visible(event.text));
      if (event.event === "counts") this.#counts = event.text;
      return;
    }
    clearStatus();
    if (this.#counts !== undefined) this.#write(event.atMs, "lab", this.#counts, true);
    this.#counts = undefined;
    this.#write(event.atMs, event.who, event.text, false);
    for (const line of detailsOf(event)) print(`${" ".repeat(indent)}${dim(visible(line), process.stdout)}`);
    if ("sides" in event.data) this.#show(event.data.sides);
  }

  #write(atMs: number, who: LabWho, text: string, isAside: boolean): void {
    const time = dim(atMs.toFixed(1).padStart(timeWidth), process.stdout);
    const name = paint(who.padEnd(whoWidth), colours[who], process.stdout);
    const [first = "", ...more] = wrapped(visible(text), width());
    const shown = (line: string) => (isAside ? dim(line, process.stdout) : line);
    print(`${time} ${name} ${shown(first)}`);
    for (const line of more) print(`${" ".repeat(indent)}${shown(line)}`);
  }

  #show(sides: LifeSides): void {
    const one = (name: keyof LifeSides) => {
      const { state, kernel } = sides[name];
      return `${name} ${state}${kernel === undefined || kernel === "none" ? "" : ` (${kernel})`}`;
    };
    const line = `${one("listener")} · ${one("client")} · ${one("server")}`;
    if (line === this.#sides) return;
    this.#sides = line;
    for (const part of wrapped(line, width())) print(`${" ".repeat(indent)}${dim(part, process.stdout)}`);
  }
}

/** What changes many times a second is shown in place; counts also where something else happens. */
function isProgress(event: LabEvent): boolean {
  return (
    event.event === "counts" ||
    event.event === "arrived" ||
    (event.event === "sent" && "numbers" in event.data)
  );
}

/** Below an event's text: the bytes themselves. */
function detailsOf(event: LabEvent): string[] {
  if (event.event === "chunk") return [...hexLines(event.data.hex), JSON.stringify(event.data.text)];
  if (event.event === "result" && "udp" in event.data) {
    const { missing, outOfOrder } = event.data.udp;
    return [
      `missing: ${missing.join(" ") || "none"}`,
      `out of order: ${outOfOrder.join(" ") || "none"}`,
    ].flatMap((line) => wrapped(line, width()));
  }
  return [];
}

function hexLines(hex: string): string[] {
  return wrapped(hex.replaceAll(/../g, "$& ").trimEnd(), width());
}

/** What fits beside time and name; without a terminal there is no end to a line. */
function width(): number {
  const { columns, isTTY } = process.stdout;
  return isTTY && columns > 0 ? Math.max(columnsMin, columns) - indent : Number.POSITIVE_INFINITY;
}

/** Lines of at most `columns`, broken at spaces where there are any. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > columns) {
    const space = rest.lastIndexOf(" ", columns);
    const end = space > 0 ? space : columns;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...lines, rest];
}
