// The conventions that every command keeps: its help, its exit codes, what goes to stdout and what to stderr.

import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { suite, test } from "node:test";

import { commandNames, commands } from "../../src/cli/commands.js";
import { variableName } from "../../src/cli/options/resolve.js";
import { optionsOf } from "../../src/cli/options/table.js";
import { holdfast, type ProgramOptions } from "../support/program.js";

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function outcomeOf(args: readonly string[], options?: ProgramOptions): Promise<Outcome> {
  await using run = holdfast(args, options);
  run.end();
  const { code } = await run.exit;
  return { code, stdout: run.stdout, stderr: run.stderr };
}

test("the command begins with the line that makes it one", () => {
  assert.match(readFileSync("dist/cli/main.js", "utf8"), /^#!\/usr\/bin\/env node\n/);
  assert.ok((statSync("dist/cli/main.js").mode & 0o111) !== 0, "npm run build makes it executable");
});

test("--help lists every command, on stdout, and is no error", async () => {
  const { code, stdout, stderr } = await outcomeOf(["--help"]);
  assert.equal(code, 0);
  assert.equal(stderr, "");
  for (const name of commandNames) assert.match(stdout, new RegExp(`^  ${name} `, "m"));
  assert.match(stdout, /Examples:/);
});

test("--version is the package's", async () => {
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  assert.deepEqual(await outcomeOf(["--version"]), { code: 0, stdout: `${version}\n`, stderr: "" });
});

suite("--help of each command names its options, their variables and examples:", () => {
  for (const name of commandNames) {
    test(name, async () => {
      const { code, stdout } = await outcomeOf([name, "--help"]);
      assert.equal(code, 0);
      // Words may stand on several lines.
      const flat = stdout.replaceAll(/\s+/g, " ");
      for (const [option] of optionsOf(name)) assert.ok(flat.includes(variableName(option)), option);
      for (const [line, says] of commands[name].examples) {
        assert.ok(stdout.includes(line) && stdout.includes(`# ${says}`), line);
      }
    });
  }
});

suite("wrong usage exits with 2, says so on stderr and nothing on stdout:", () => {
  const wrong: [args: string[], says: RegExp, env?: { [name: string]: string }][] = [
    [[], /Usage: holdfast/],
    [["conect"], /unknown command 'conect'\n\(Did you mean connect\?\)/],
    [["connect", ":1", "--hexx"], /unknown option '--hexx'\n\(Did you mean --hex\?\)/],
    [["--framing", "lines"], /unknown option '--framing'/],
    [["completion", "bash", "--verbose"], /unknown option '--verbose'/],
    [["connect"], /missing required argument 'endpoint'/],
    [["connect", "a", "1", "b"], /too many arguments/],
    [["connect", ":1", "-w", "soon"], /write it with a unit, such as 500ms, 5s or 2m/],
    [["connect", ":1", "--framing", "frames"], /it is one of chunks, lines, nul, length4/],
    [["connect", ":1"], /the variable HOLDFAST_IDLE is "soon"/, { HOLDFAST_IDLE: "soon" }],
    [["connect", "nowhere"], /bad endpoint "nowhere": the port is missing; write host:port/],
    [["connect", "memory:room"], /memory: is inside one program.*use tcp:\/\/, tls:\/\/, .* or unix:/],
    [["pipe", "-", "memory:room"], /memory: is inside one program/],
    [["ping", ":1", "--ca", ""], /it is empty/],
    [["ping", "memory:room"], /memory: is inside one program/],
    [["connect", ":1", "-w", "0"], /it is at least 1ms/],
    [["ping", ":1", "--interval", "600h"], /it is at most 24 days/],
    ...["--backplane", "--data", "--workers"].map((flag): [string[], RegExp] => [
      ["hub", flag],
      new RegExp(`^error: option '${flag}' comes in a later version\n$`),
    ]),
    [["hub", "--http", "ftp://127.0.0.1:0"], /http is "ftp:.*write http:\/\/127\.0\.0\.1:12380/],
    [["connect", ":1", "--encoding", "json"], /add --framing lines/],
    [["connect", ":1", "-4", "-6"], /exclude each other/],
    [["listen", "udp://:0", "--exec", "cat"], /--exec does not go with udp/],
    [["pipe", "-", "-"], /both ends are stdin and stdout/],
    [["ping", "example.com"], /ICMP, which comes with raw sockets.*example\.com:443/],
    [["ping", "::1"], /ICMP.*\[::1\]:443/],
    [["completion", "tcsh"], /use one of bash, zsh, fish/],
  ];
  for (const [args, says, env = {}] of wrong) {
    test([...Object.entries(env).map((pair) => pair.join("=")), ...args].join(" "), async () => {
      const { code, stdout, stderr } = await outcomeOf(args, { env });
      assert.equal(code, 2, stderr);
      assert.equal(stdout, "");
      assert.match(stderr, says);
    });
  }
});

suite("what the network or the system refuses exits with 1:", () => {
  const refused: [args: string[], says: RegExp][] = [
    [
      ["connect", "unix:/nowhere/at/all"],
      /^holdfast: connect unix:\/nowhere\/at\/all: there is no such socket/,
    ],
    [
      ["listen", "192.0.2.1:0"],
      /^holdfast: listen tcp:\/\/192\.0\.2\.1:0: this machine does not have the address/,
    ],
  ];
  for (const [args, says] of refused) {
    test(args.join(" "), async () => {
      const { code, stdout, stderr } = await outcomeOf(args);
      assert.equal(code, 1, stderr);
      assert.equal(stdout, "");
      assert.match(stderr, says);
    });
  }
});

test("with --json a failure is an event, and stderr has nothing but events", async () => {
  const { code, stderr } = await outcomeOf(["connect", "unix:/nowhere/at/all", "--json"]);
  assert.equal(code, 1);
  const events = stderr
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { event: string; code?: string });
  assert.deepEqual(
    events.map(({ event }) => event),
    ["created", "closed", "failed"],
  );
  assert.equal(events.at(-1)?.code, "ERR_NO_SUCH_SOCKET");
});

test("a variable sets an option, and a flag overrides it", async () => {
  const env = { HOLDFAST_JSON: "1" };
  const { stderr } = await outcomeOf(["connect", "unix:/nowhere/at/all"], { env });
  assert.match(stderr, /^\{"time"/);
});
