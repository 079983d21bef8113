// The policy of the pages: what README.md and docs/guides/*.md show is what happens. Each fenced block counts:
//
//   js, ts    is type-checked under the project's own settings and run to its end, which must be exit code 0. It may
//             `import "holdfast"`. A `js` block runs exactly as it stands, so it is valid in both languages.
//   sh        each `holdfast`, `npx holdfast` and `npm` command must exist, with every option it is given.
//   output    what the block before it prints, all of it. Instead of it, lines `// prints: text` (`# prints: text` in
//             sh) in the code say what must come, in this order and perhaps among others. `…` stands for anything.
//
// Comments right before a block change this; blank lines may stand between:
//
//   <!-- run -->            a sh block is run too, by bash, in an empty folder, with `holdfast` and `npx holdfast` known;
//                           a python block by python3
//   <!-- until: text -->    a program that serves on: it is ended once it has printed the text
//   <!-- untyped: why -->   a js block that TypeScript would not take
//   <!-- skip: why -->      not run; a ts block is still type-checked

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { before, suite, test } from "node:test";
import { promisify } from "node:util";
import { type Block, blocksOf, commandsIn, printsAsSaid } from "../support/blocks.js";
import { needs } from "../support/require.js";
import { filesIn } from "../support/source.js";

const command = resolve("dist/cli/main.js");
/** Within the repository, so that `holdfast` leads to the package itself. */
const folder = resolve("build/blocks");
/** Where shells find `holdfast`. */
const bin = join(folder, "bin");
const patienceMs = 30_000;

const pages = [
  { path: "README.md", text: readFileSync("README.md", "utf8") },
  ...filesIn("docs/guides", ".md"),
];
const blocks = pages.flatMap(({ path, text }) => blocksOf(path, text));
const programs = blocks.filter(({ language }) => language === "js" || language === "ts");
const typed = programs.filter(({ notes }) => !notes.has("untyped"));
const pythons = blocks.filter(({ language, notes }) => language === "python" && notes.has("run"));
const shells = blocks.filter(({ language }) => language === "sh");

test("every block says its language, so that none goes unseen", () => {
  const known = ["js", "ts", "sh", "json", "text", "mermaid", "python"];
  assert.deepEqual(
    blocks
      .filter(({ language }) => !known.includes(language))
      .map(({ where, language }) => `${where} ${language}`),
    [],
  );
});

suite("programs", () => {
  before(() => writePrograms(folder, programs));

  test("pass the type checker", async () => assert.equal(await typeErrors(folder, typed), ""));

  for (const block of programs) {
    test(`${block.where} runs`, { skip: block.notes.get("skip") ?? false }, async () => {
      await runs(block, process.execPath, [fileOf(folder, block)]);
    });
  }
});

suite("commands", () => {
  for (const block of shells) {
    test(`${block.where} names what exists`, async () => {
      assert.deepEqual((await Promise.all(commandsIn(block.code).map(commandProblem))).filter(Boolean), []);
    });
  }
  // Programs and no functions of the shell: whoever ends one that is in the background ends it, and not a shell around it.
  before(() => {
    mkdirSync(bin, { recursive: true });
    const start = `exec "${process.execPath}" "${command}" "$@"`;
    writeFileSync(join(bin, "holdfast"), `#!/bin/sh\n${start}\n`, { mode: 0o755 });
    writeFileSync(join(bin, "npx"), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
  });
  for (const block of shells.filter(({ notes }) => notes.has("run"))) {
    test(`${block.where} runs`, async () => {
      const known = `PATH="${bin}:$PATH"`;
      await runs(block, "bash", ["-euo", "pipefail", "-c", `${known}\n${block.code}`]);
    });
  }
});

suite("python", needs({ commands: ["python3"] }), () => {
  for (const block of pythons) {
    test(`${block.where} runs`, () => runs(block, "python3", ["-u", "-c", block.code]));
  }
});

suite("the checker sees", () => {
  const block = (code: string) => blocksOf("page.md", code)[0] as Block;

  test("a program that fails, or prints something else", async () => {
    const fails = block("```js\nprocess.exitCode = 3;\n```");
    await assert.rejects(runs(fails, process.execPath, ["--eval", fails.code]), /exit code 3/);
    const lies = block("```js\nconsole.log(1); // prints: 2\n```");
    await assert.rejects(runs(lies, process.execPath, ["--eval", lies.code]), /prints/);
    const more = block("```js\nconsole.log(1);\nconsole.log(2);\n```\n\n```output\n1\n```");
    await assert.rejects(runs(more, process.execPath, ["--eval", more.code]), /prints/);
  });

  test("a program that serves on, and ends it once it has said so", async () => {
    const serves = block("<!-- until: ready -->\n```js\nsetInterval(() => console.log('ready'), 1);\n```");
    await runs(serves, process.execPath, ["--eval", serves.code]);
    const ends = block("<!-- until: ready -->\n```js\nconsole.log('not yet');\n```");
    await assert.rejects(runs(ends, process.execPath, ["--eval", ends.code]), /never printed "ready"/);
  });

  test("a type error", async () => {
    const elsewhere = `${folder}-bad`;
    const wrong = block('```ts\nimport { parseEndpoint } from "holdfast";\nparseEndpoint(8080);\n```');
    writePrograms(elsewhere, [wrong]);
    assert.match(await typeErrors(elsewhere, [wrong]), /not assignable to parameter of type 'string'/);
  });

  test("npm scripts that are not there", async () => {
    assert.equal(await commandProblem(["npm", "start"]), undefined);
    assert.equal(await commandProblem(["npm", "ci"]), undefined);
    assert.equal(await commandProblem(["npm", "run", "no-such-script"]), "npm has no script no-such-script");
  });

  test("commands and options that are not there", async () => {
    assert.equal(await commandProblem(["npx", "holdfast", "listen", "--keep", ":9000"]), undefined);
    assert.match(
      String(await commandProblem(["holdfast", "listen", "--no-such-option"])),
      /--no-such-option/,
    );
    assert.match(String(await commandProblem(["holdfast", "no-such-command"])), /no-such-command/);
  });

  test("what stands where in a page", () => {
    const page =
      "<!-- run -->\n\n```sh\n$ A=1 holdfast x 'a b' | nc # c\n```\n```output\na … z\n```\n<!-- skip: x -->\ntext\n```js\n```\n";
    const [shell, program] = blocksOf("page.md", page);
    assert.equal(shell?.where, "page.md:3");
    assert.ok(shell.notes.has("run"));
    assert.deepEqual(commandsIn(shell.code), [["holdfast", "x", "'a b'"], ["nc"]]);
    assert.ok(printsAsSaid("a 1.2 z\n", shell.output));
    assert.ok(!printsAsSaid("a 1.2 z\nmore\n", shell.output));
    assert.equal(program?.notes.size, 0, "a note holds for the block right behind it only");
    assert.throws(() => blocksOf("page.md", "```js\n"), /page.md:1: the block is not closed/);
  });
});

/** Its program: a js block as it stands, a ts block where the compiler puts it. */
function fileOf(within: string, { where, language }: Block): string {
  const name = where.replaceAll(/\W+/g, "-");
  return language === "js" ? join(within, `${name}.mjs`) : join(within, "typed", `${name}.js`);
}

function writePrograms(within: string, these: readonly Block[]): void {
  rmSync(within, { recursive: true, force: true });
  mkdirSync(within, { recursive: true });
  for (const block of these) {
    if (block.language === "js") writeFileSync(fileOf(within, block), block.code);
    // Even without an import it is a module, for its top-level await.
    const code = `${block.code}export {};\n`;
    if (!block.notes.has("untyped"))
      writeFileSync(join(within, `${block.where.replaceAll(/\W+/g, "-")}.ts`), code);
  }
  const compilerOptions = {
    isolatedDeclarations: false,
    declaration: false,
    noUnusedLocals: false,
    rootDir: ".",
    outDir: "typed",
  };
  const config = { extends: "../../tsconfig.json", compilerOptions, include: ["*.ts"] };
  writeFileSync(join(within, "tsconfig.json"), JSON.stringify(config));
}

/** What the compiler says of all the programs; it also compiles them. */
async function typeErrors(within: string, these: readonly Block[]): Promise<string> {
  if (these.length === 0) return "";
  const tsc = [resolve("node_modules/typescript/bin/tsc"), "-p", within];
  return promisify(execFile)(process.execPath, tsc).then(
    () => "",
    (error: { stdout: string }) => error.stdout,
  );
}

/** @throws AssertionError unless it ends well and prints what the block says. */
async function runs(block: Block, program: string, args: readonly string[]): Promise<void> {
  const until = block.notes.get("until");
  const cwd = mkdtempSync(join(tmpdir(), "holdfast-block-"));
  try {
    const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "pipe"], detached: true });
    // The whole group, since a shell leaves what it started behind.
    const end = () => child.pid !== undefined && process.kill(-child.pid, "SIGTERM");
    const impatience = setTimeout(end, patienceMs);
    let stdout = "";
    let all = "";
    let served = false;
    const collect = (text: string) => {
      all += text;
      if (until === undefined || served || !all.includes(until)) return;
      served = true;
      end();
    };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      collect(text);
    });
    child.stderr.setEncoding("utf8").on("data", collect);
    const [code, signal] = await new Promise<[number | null, string | null]>((ended, failed) => {
      child.once("error", failed);
      child.once("close", (...how) => ended(how));
    }).finally(() => clearTimeout(impatience));
    if (until !== undefined) assert.ok(served, `${block.where} never printed "${until}", but:\n${all}`);
    else assert.equal(code, 0, `${block.where}: exit code ${code ?? signal}\n${all}`);
    const { output } = block;
    assert.ok(
      printsAsSaid(stdout, output),
      `${block.where} prints\n${stdout}instead of\n${output.lines.join("\n")}`,
    );
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

/** What is wrong with a command as a page shows it; only Holdfast's own and npm's are known here. */
async function commandProblem(words: readonly string[]): Promise<string | undefined> {
  const [program, first = "", second = ""] = words;
  if (program === "npm") return npmProblem(first === "run" ? second : first);
  if (program === "npx") return first === "holdfast" ? commandProblem(words.slice(1)) : undefined;
  if (program !== "holdfast") return undefined;
  if (!existsSync(command)) return `holdfast is not built: there is no ${command}`;
  const subcommand = first.startsWith("-") ? [] : [first];
  const named = subcommand.length === 0 || new RegExp(`^\\s+${first}\\b`, "m").test((await helpOf([])) ?? "");
  const help = named ? await helpOf(subcommand) : undefined;
  if (help === undefined) return `holdfast has no command ${first}`;
  const options = words.slice(1).map((word) => /^--?[a-zA-Z][\w-]*/.exec(word)?.[0]);
  const unknown = options.filter((option) => option !== undefined && !help.split(/[\s,=]+/).includes(option));
  return unknown.length === 0 ? undefined : `holdfast ${first} has no ${unknown.join(" ")}`;
}

async function helpOf(subcommand: readonly string[]): Promise<string | undefined> {
  return promisify(execFile)(process.execPath, [command, ...subcommand, "--help"]).then(
    ({ stdout }) => stdout,
    () => undefined,
  );
}

function npmProblem(script: string): string | undefined {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as {
    scripts: { [name: string]: string };
  };
  const known = ["ci", "install", ...Object.keys(scripts)];
  return known.includes(script) ? undefined : `npm has no script ${script}`;
}
