// The code blocks of a Markdown page, with the notes that stand before them and the output that follows.
// The convention itself is described in test/policy/readme.test.ts.

export interface Block {
  /** `README.md:12`, the line of the opening fence. */
  readonly where: string;
  readonly language: string;
  readonly code: string;
  /** From `<!-- name: value -->` comments right before the block. */
  readonly notes: ReadonlyMap<string, string>;
  /** The lines that the program must print, in order: all of them if `whole`, otherwise among others. */
  readonly output: { readonly lines: readonly string[]; readonly whole: boolean };
}

/** Every fenced block but those called `output`, which belong to the one before. @throws Error for an open fence. */
export function blocksOf(page: string, markdown: string): Block[] {
  const lines = markdown.split("\n");
  const blocks: Block[] = [];
  let notes = new Map<string, string>();
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    const note = /^<!-- (\w+)(?:: (.*?))? -->$/.exec(line);
    if (note !== null) notes.set(note[1] ?? "", note[2] ?? "");
    else if (line.startsWith("```")) {
      const end = lines.indexOf("```", index + 1);
      if (end === -1) throw new Error(`${page}:${index + 1}: the block is not closed`);
      const code = lines.slice(index + 1, end);
      const language = line.slice(3).trim();
      const last = blocks.at(-1);
      if (language === "output" && last !== undefined) {
        blocks[blocks.length - 1] = { ...last, output: { lines: code, whole: true } };
      } else {
        const output = { lines: printsIn(code), whole: false };
        blocks.push({ where: `${page}:${index + 1}`, language, code: `${code.join("\n")}\n`, notes, output });
      }
      notes = new Map();
      index = end;
    } else if (line.trim() !== "") notes = new Map();
  }
  return blocks;
}

function printsIn(code: readonly string[]): string[] {
  return code.map((line) => /(?:\/\/|#) prints: (.*)$/.exec(line)?.[1]).filter((text) => text !== undefined);
}

/** Whether `printed` is as the block says; `…` stands for anything within a line. */
export function printsAsSaid(printed: string, { lines, whole }: Block["output"]): boolean {
  const found = printed.replace(/\n$/, "").split("\n");
  if (whole)
    return lines.length === found.length && lines.every((line, at) => matches(found[at] ?? "", line));
  let from = 0;
  return lines.every((line) => {
    const at = found.findIndex((candidate, index) => index >= from && matches(candidate, line));
    from = at + 1;
    return at !== -1;
  });
}

function matches(printed: string, said: string): boolean {
  const parts = said
    .trimEnd()
    .split("…")
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(printed.trimEnd());
}

/** The commands in shell code, each as its words; prompts, comments and variables set before them are left out. */
export function commandsIn(shell: string): string[][] {
  return shell
    .replaceAll("\\\n", " ")
    .split("\n")
    .flatMap((line) =>
      line
        .replace(/^\$ /, "")
        .replace(/(^|\s)#.*$/, "")
        .split(/&&|\|\||[|;&]/),
    )
    .map((command) => command.match(/'[^']*'|"[^"]*"|\S+/g) ?? [])
    .map((words) =>
      words.slice(
        Math.max(
          0,
          words.findIndex((word) => !/^[A-Z_]+=/.test(word)),
        ),
      ),
    )
    .filter((words) => words.length > 0);
}
