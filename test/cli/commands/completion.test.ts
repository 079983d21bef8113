// `holdfast completion`: the scripts, tried in the shells that are installed.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";

import { shells } from "../../../src/cli/completion/words.js";
import { holdfast } from "../../support/program.js";
import { needs } from "../../support/require.js";

const folder = mkdtempSync(join(tmpdir(), "holdfast-completion-"));
after(() => rmSync(folder, { recursive: true }));

async function scriptFor(shell: string): Promise<string> {
  await using run = holdfast(["completion", shell]);
  assert.equal((await run.exit).code, 0);
  const path = join(folder, shell);
  writeFileSync(path, run.stdout);
  return path;
}

for (const shell of shells) {
  test(`${shell} takes the script`, needs({ commands: [shell] }), async () => {
    execFileSync(shell, ["-n", await scriptFor(shell)], { stdio: "pipe" });
  });
}

suite("bash completes", needs({ commands: ["bash"] }), () => {
  const cases: [name: string, words: string[], wanted: string[]][] = [
    ["commands", ["li"], ["listen"]],
    ["options", ["connect", "--enc"], ["--encoding"]],
    ["their values", ["connect", "--framing", "l"], ["lines", "length4"]],
    ["what switches an option off", ["hub", "--no-p"], ["--no-plain"]],
    ["a command's own words", ["completion", "z"], ["zsh"]],
    ["nothing where any text may stand", ["connect", "--exec", "-"], []],
  ];
  for (const [name, words, wanted] of cases) {
    test(name, async () => {
      const script = `
        source "$1"; shift
        COMP_WORDS=(holdfast "$@"); COMP_CWORD=$#
        _holdfast; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const args = ["-c", script, "bash", await scriptFor("bash"), ...words];
      const found = execFileSync("bash", args, { encoding: "utf8" });
      assert.deepEqual(found.split("\n").filter(Boolean), wanted);
    });
  }
});

suite("fish completes", needs({ commands: ["fish"] }), () => {
  const cases: [line: string, wanted: string[]][] = [
    ["holdfast li", ["listen"]],
    ["holdfast connect --enc", ["--encoding"]],
    ["holdfast connect --framing l", ["length4", "lines"]],
  ];
  for (const [line, wanted] of cases) {
    test(line, async () => {
      const script = "source $argv[1]; complete -C $argv[2]";
      const found = execFileSync("fish", ["--no-config", "-c", script, await scriptFor("fish"), line], {
        encoding: "utf8",
        env: { ...process.env, HOME: folder },
      });
      const words = found.split("\n").map((row) => row.split("\t")[0]);
      assert.deepEqual(words.filter(Boolean).sort(), wanted);
    });
  }
});
