// The policy of tidiness: small files that say what they are, each with its own test, and nothing left lying about.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { filesIn, type SourceFile, withoutComments } from "../support/source.js";

const linesMax = 320;

/**
 * Source files with code, or folders of them (with a slash at the end), whose tests stand elsewhere than in the file of
 * the same name, and why. Their lines count all the same: see scripts/coverage.js.
 */
const testedElsewhere: { readonly [path: string]: string } = {
  "src/protocol/framing/length-header.ts": "the header of lengthPrefixed, tested through it",
  "src/protocol/framing/marks.ts": "what lines and delimited share, tested through both",
  "src/protocol/proxy/header.ts": "the words of both versions, tested through them",
  "src/transport/node-listener.ts": "what accept hands out, tested through it",
  "src/transport/http-answer.ts":
    "how whoever is turned away is answered, tested through http-listener and upgrades",
  "src/transport/https-door.ts": "TLS before HTTP, tested through the dial of wss",
  "src/transport/websocket/close-codes.ts": "the table of codes, tested through link-bytes and ws-link",
  "src/transport/websocket/dial-errors.ts": "what dial is answered, tested through it",
  "src/transport/websocket/link-stream.ts": "what link-bytes and link-records share, tested through both",
  "src/transport/websocket/options.ts": "checked where somebody listens or dials, tested through upgrades",
  "src/transport/websocket/origin.ts": "whom upgrades let in, tested through them",
  "src/transport/websocket/views.ts": "which view is asked for, tested through websocket",
  "src/transport/memory/": "the streams of the memory transport, tested through it",
  "src/hub/lab/messages.ts": "names alone, which the orders are checked against",
  "src/hub/lab/backlog.ts": "a step of the experiment life, tested through it",
  "src/hub/lab/idle-listener.ts": "the thread that this step starts",
  "src/hub/lab/stage.ts": "the sockets of the experiment life, tested through it",
  "src/hub/lab/plain-road.ts": "one half of the experiment cut, tested through it",
  "src/hub/lab/session-road.ts": "the other half",
  "src/hub/lab/relay.ts": "what cuts both, tested through the experiment cut",
  "src/hub/lab/tally.ts": "counted in the experiment cut, tested through it",
  "src/cli/lab/menu.ts": "what the command lab asks on a terminal, tested on one",
  "src/cli/lab/order.ts": "tested through the command lab",
  "src/cli/lab/steps.ts": "tested through the command lab",
  "src/transport/tls/client.ts": "tested through the transport tls",
  "src/transport/tls/handshake.ts": "tested through the transport tls",
  "src/transport/tls/server.ts": "tested through the transport tls",
  "src/transport/tls/tls-state.ts": "tested through the transport tls",
  "src/transport/tls/tls-stream.ts": "tested through the transport tls",
  "src/transport/tls/wire.ts": "what is under it, tested through the transport tls",
  "src/cli/commands.ts": "the table of commands, tested through the help that is made of it",
  "src/cli/program.ts": "the command line, tested through main",
  "src/cli/options/hub-options.ts": "rows of the table, tested with it",
  "src/cli/output.ts": "stdout and stderr, tested on a terminal and through every command",
  "src/cli/completion/": "the scripts, tested in their shells through the command that prints them",
  "src/cli/cert/certificate.ts": "tested through authority, and by those who read it in test/peers",
  "src/cli/cert/files.ts": "tested through authority",
  "src/cli/cert/told.ts": "tested through the command cert",
  "src/cli/chat/screen.ts": "where a chat is typed, tested through the command chat",
  "src/cli/chat/typed-screen.ts": "the same on a terminal, tested on one",
  "src/cli/doctor/examination.ts": "the checks together, tested through the command doctor",
  "src/cli/options/tls.ts": "rows of the table, tested with it",
  "src/cli/ping/connect-probe.ts": "tested through the command ping",
  "src/cli/ping/datagram-probe.ts": "tested through the command ping",
  "src/cli/ping/echo-probe.ts": "tested through the command ping",
  "src/cli/report/report.ts": "what is said on stderr, tested through the commands that say it",
  "src/cli/talk/connection-end.ts": "tested through connect",
  "src/cli/talk/datagrams.ts": "tested through connect and listen",
  "src/cli/talk/end.ts": "tested through pipe",
  "src/cli/talk/exec.ts": "tested through listen --exec",
  "src/cli/talk/silence.ts": "tested through UDP's connect and listen",
  "src/cli/talk/stdin.ts": "tested through connect",
  "src/cli/talk/stdout.ts": "tested through connect",
  "src/cli/talk/talk.ts": "tested through connect and pipe",
  "src/cli/talk/terminal.ts": "tested through connect",
  "src/page/main.ts": "where the page starts, tested in Chromium (test/browser/page.test.ts)",
  "src/page/link/open-link.ts": "the page's own session, tested in Chromium (test/browser/page.test.ts)",
  "src/page/view/": "what is drawn, tested in Chromium (test/browser/page.test.ts)",
};

const exceptions = Object.keys(testedElsewhere);

interface Rule {
  readonly name: string;
  /** What is wrong with the file, one sentence each. */
  check(file: SourceFile): string[];
}

const size: Rule = {
  name: `a file has at most ${linesMax} lines`,
  check({ text }) {
    const lines = text.split("\n").length - 1;
    return lines > linesMax ? [`${lines} lines`] : [];
  },
};

const opening: Rule = {
  name: "a file begins with a comment that says what it is",
  check: ({ text }) => (/^(?:#!.*\n)?\/\/ \S.{19,}/.test(text) ? [] : ["no opening comment"]),
};

const reminders: Rule = {
  name: "no reminder is left in the code, and no check is switched off without a reason",
  check({ text }) {
    const found = text.matchAll(/\b(?:TODO|FIXME|XXX)\b|@ts-(?:ignore|nocheck)|(?:c8|v8) ignore/g);
    const bare = text.matchAll(/@ts-expect-error(?! \S+ \S+)|biome-ignore(?! \S+: \S+ \S+)/g);
    return [...[...found].map(([word]) => word), ...[...bare].map(([word]) => `${word} without a reason`)];
  },
};

const exportsByName: Rule = {
  name: "everything is exported by name",
  check: ({ text }) =>
    /^export default\b|\bas default\b/m.test(withoutComments(text)) ? ["a default export"] : [],
};

const everyTestRuns: Rule = {
  name: "no test is singled out, and none is skipped without a reason",
  check({ text }) {
    const found = text.matchAll(
      /\b(?:test|it|suite|describe)\.(?:only|skip|todo)\s*\(|\b(?:only|skip|todo): true\b|\bt\.(?:skip|todo)\(\)/g,
    );
    return [...found].map(([word]) => word);
  },
};

function complaints(rules: readonly Rule[], files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    rules.flatMap((rule) => rule.check(file).map((complaint) => `${file.path}: ${complaint} (${rule.name})`)),
  );
}

test("the source is tidy", () => {
  const files = filesIn("src", ".ts");
  assert.ok(files.length > 0);
  assert.deepEqual(complaints([size, opening, reminders, exportsByName], files), []);
});

test("examples, scripts and benchmarks are tidy", () => {
  const files = ["examples", "scripts", "bench"].flatMap((folder) => filesIn(folder, ".ts", ".js"));
  assert.deepEqual(complaints([opening, reminders, exportsByName], files), []);
});

test("tests are tidy", () => {
  // This file holds the samples that the rules are tried on.
  const files = filesIn("test", ".ts").filter(({ path }) => path !== "test/policy/tidy.test.ts");
  assert.deepEqual(complaints([reminders, exportsByName, everyTestRuns], files), []);
});

test("every source file with code has a test of the same name", () => {
  const withoutTest = filesIn("src", ".ts")
    .map(({ path }) => path)
    .filter((path) => path.split("/").length > 2 && hasCode(path))
    .filter((path) => !existsSync(path.replace(/^src\//, "test/").replace(/\.ts$/, ".test.ts")))
    .filter(
      (path) =>
        !exceptions.some((known) => path === known || (known.endsWith("/") && path.startsWith(known))),
    );
  assert.deepEqual(withoutTest, []);
});

test("every exception from that is there, and still needed", () => {
  for (const known of exceptions) {
    assert.ok(existsSync(known), `${known} is gone`);
    const mirrored = known.replace(/^src\//, "test/").replace(/\.ts$/, ".test.ts");
    assert.ok(!existsSync(mirrored), `${known} has a test of its own now`);
  }
});

/** False for a file of types alone, of which the compiler leaves nothing. */
function hasCode(path: string): boolean {
  const compiled = readFileSync(path.replace(/^src\//, "build/src/").replace(/\.ts$/, ".js"), "utf8");
  const code = withoutComments(compiled).replaceAll(/^\s*\/\/.*$/gm, "");
  return code.replace("export {};", "").trim() !== "";
}

suite("each rule finds what it is for", () => {
  const bad: [Rule, text: string][] = [
    [size, "\n".repeat(linesMax + 1)],
    [opening, 'import { a } from "./a.js";\n'],
    [opening, "// Short.\n"],
    [opening, "\n// An opening comment that is not at the very beginning.\n"],
    [reminders, "// TODO: finish"],
    [reminders, "// @ts-ignore because it is so"],
    [reminders, "// @ts-expect-error"],
    [reminders, "// biome-ignore lint/a/b:"],
    [reminders, "// biome-ignore lint/a/b"],
    [exportsByName, "export default function a() {}"],
    [exportsByName, "export { a as default };"],
    [everyTestRuns, 'test.only("a", () => {});'],
    [everyTestRuns, 'test.skip("a", () => {});'],
    [everyTestRuns, 'test("a", { skip: true }, () => {});'],
    [everyTestRuns, "t.skip();"],
  ];
  for (const [rule, text] of bad) {
    test(`${rule.name}: ${text.trim()}`, () => assert.equal(rule.check({ path: "a.ts", text }).length, 1));
  }

  const good: [Rule, text: string][] = [
    [size, "\n".repeat(linesMax)],
    [opening, "// Endpoints: parsed once at the border.\n"],
    [opening, "#!/usr/bin/env node\n// The command: where it starts.\n"],
    [reminders, "// @ts-expect-error the option is missing on purpose"],
    [reminders, "// biome-ignore lint/a/b: the platform wants it so"],
    [exportsByName, "// export default is not how we do it\nexport const a = 1;"],
    [everyTestRuns, 'test("a", { skip: "needs ncat" }, () => {});'],
    [everyTestRuns, 't.skip("no IPv6 here"); queue.skip(3);'],
  ];
  for (const [rule, text] of good) {
    test(`and nothing else: ${rule.name}: ${text.trim()}`, () => {
      assert.deepEqual(rule.check({ path: "a.ts", text }), []);
    });
  }
});
