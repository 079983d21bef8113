// The policy of the layers: a file imports from its own layer or from below, the network is reached from transport/
// alone, core/ and protocol/ reach no platform at all, and the faces know the public entry points only.

import assert from "node:assert/strict";
import { posix } from "node:path";
import { suite, test } from "node:test";
import { filesIn, importsOf, type SourceFile } from "../support/source.js";

/** From the bottom up; those in one row do not know each other. */
const layers: readonly (readonly string[])[] = [
  ["core"],
  ["protocol", "observe"],
  ["transport"],
  ["connection"],
  ["session"],
  ["backplane", "store"],
  ["services"],
  ["hub"],
  ["cli", "page"],
];
/** They may import only entry points (src/*.ts) and their own folder. */
const faces: readonly string[] = ["cli", "page"];
/** No file outside it imports it; it may import whatever is below the hub. */
const testing = "testing";
const network = ["net", "tls", "dgram", "dns"];
/** Files outside transport that reach the network themselves, and why. */
const besideTransport: { readonly [path: string]: string } = {
  "src/cli/demo/contenders/node-net.ts": "what the demo compares a session with is Node's own module (ADR 9)",
};
/** Dependencies, and the folders that may load them. */
const keptTo: { readonly [dependency: string]: readonly string[] } = {
  "@noble/hashes": ["protocol"],
  ws: ["transport"],
  preact: ["page"],
  htm: ["page"],
  uplot: ["page"],
  selfsigned: ["cli"],
  commander: ["cli", "hub"],
  pino: ["cli", "hub"],
  "pino-pretty": ["cli", "hub"],
};

function rank(folder: string): number {
  if (folder === testing) return rank("hub") - 0.5;
  return layers.findIndex((row) => row.includes(folder));
}

/** `src/core/x.ts` → `core`; `src/index.ts` → undefined, an entry point. */
function folderOf(path: string): string | undefined {
  const [, folder, rest] = path.split("/");
  return rest === undefined ? undefined : folder;
}

/** What is wrong with the imports of one file, one sentence each. */
function violations({ path, text }: SourceFile): string[] {
  const folder = folderOf(path);
  if (folder !== undefined && rank(folder) === -1) return [`${path}: no layer is called ${folder}`];
  return importsOf(text).flatMap((specifier) => {
    const wrong = specifier === undefined ? "something computed" : problem(path, folder, specifier);
    return wrong === undefined ? [] : [`${path} imports ${wrong}`];
  });
}

function problem(path: string, folder: string | undefined, specifier: string): string | undefined {
  if (specifier.startsWith(".")) {
    return relativeProblem(folder, posix.join(posix.dirname(path), specifier), specifier);
  }
  if (specifier.startsWith("node:")) {
    if (folder === "core" || folder === "protocol") return `${specifier}, but has no platform`;
    const [module = ""] = specifier.slice("node:".length).split("/");
    const mayReach = folder === "transport" || besideTransport[path] !== undefined;
    if (network.includes(module) && !mayReach) return `${specifier}, as only transport may`;
    return undefined;
  }
  if (network.includes(specifier)) return `${specifier} without node:`;
  const dependency = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  const allowed = keptTo[dependency];
  if (allowed !== undefined && (folder === undefined || !allowed.includes(folder))) {
    return `${specifier}, as only ${allowed.join(" and ")} may`;
  }
  return dependency === "holdfast" ? `${specifier} by name: write the path` : undefined;
}

function relativeProblem(from: string | undefined, target: string, specifier: string): string | undefined {
  if (!target.startsWith("src/")) return `${specifier}, which is outside src`;
  const to = folderOf(target);
  if (to === from) return undefined;
  if (from === undefined) return faces.includes(String(to)) ? `${specifier}, a face` : undefined;
  if (faces.includes(from)) {
    if (target === `src/${testing}.js`) return `${specifier}, which is for tests`;
    return to === undefined ? undefined : `${specifier}, where it may know public entry points only`;
  }
  if (to === undefined) return `${specifier}, a public entry point, which is for those outside`;
  if (to === testing) return `${specifier}, which is for tests`;
  return rank(to) < rank(from) ? undefined : `${specifier}, which is not below it`;
}

test("every file of src imports only what its layer may", () => {
  const files = filesIn("src", ".ts");
  assert.ok(files.length > 0);
  assert.deepEqual(files.flatMap(violations), []);
});

test("every exception from that is there, and still needed", () => {
  for (const path of Object.keys(besideTransport)) {
    const imports = filesIn("src", ".ts").find((file) => file.path === path);
    assert.ok(importsOf(imports?.text ?? "").includes("node:net"), `${path} no longer imports it`);
  }
});

test("the examples import the public entry points only", () => {
  const inner = filesIn("examples", ".ts").flatMap(({ path, text }) =>
    importsOf(text)
      .filter((specifier) => specifier?.includes("src/") || specifier?.includes("dist/"))
      .map((specifier) => `${path} imports ${specifier}`),
  );
  assert.deepEqual(inner, []);
});

suite("the checker sees", () => {
  const bad: [path: string, text: string, wrong: string][] = [
    ["src/core/a.ts", 'import { b } from "../protocol/b.js";', "../protocol/b.js, which is not below it"],
    ["src/core/a.ts", 'import type { B } from "../hub/b.js";', "../hub/b.js, which is not below it"],
    ["src/core/a.ts", 'export { b } from "../cli/b.js";', "../cli/b.js, which is not below it"],
    ["src/core/a.ts", 'export * from "../protocol/b.js";', "../protocol/b.js, which is not below it"],
    ["src/core/a.ts", 'import "../protocol/b.js";', "../protocol/b.js, which is not below it"],
    ["src/core/a.ts", 'const b = import("../protocol/b.js");', "../protocol/b.js, which is not below it"],
    ["src/core/a.ts", 'type B = import("../protocol/b.js").B;', "../protocol/b.js, which is not below it"],
    [
      "src/core/a.ts",
      'import {\n  b,\n  c,\n} from "../protocol/b.js";',
      "../protocol/b.js, which is not below it",
    ],
    ["src/core/a.ts", 'import { join } from "node:path";', "node:path, but has no platform"],
    ["src/protocol/x/a.ts", 'import { join } from "node:path";', "node:path, but has no platform"],
    [
      "src/protocol/x/a.ts",
      'import { b } from "../../transport/b.js";',
      "../../transport/b.js, which is not below it",
    ],
    ["src/connection/a.ts", 'import { connect } from "node:net";', "node:net, as only transport may"],
    [
      "src/hub/a.ts",
      'import { lookup } from "node:dns/promises";',
      "node:dns/promises, as only transport may",
    ],
    ["src/hub/a.ts", 'import { connect } from "net";', "net without node:"],
    ["src/hub/a.ts", 'import { WebSocket } from "ws";', "ws, as only transport may"],
    ["src/index.ts", 'import { pino } from "pino";', "pino, as only cli and hub may"],
    ["src/connection/a.ts", 'import { Command } from "commander";', "commander, as only cli and hub may"],
    [
      "src/connection/a.ts",
      'import pretty from "pino-pretty/lib/x.js";',
      "pino-pretty/lib/x.js, as only cli and hub may",
    ],
    [
      "src/cli/a.ts",
      'import { b } from "../core/b.js";',
      "../core/b.js, where it may know public entry points only",
    ],
    [
      "src/cli/x/a.ts",
      'import { b } from "../../hub/b.js";',
      "../../hub/b.js, where it may know public entry points only",
    ],
    [
      "src/core/a.ts",
      'import { b } from "../index.js";',
      "../index.js, a public entry point, which is for those outside",
    ],
    ["src/index.ts", 'export { b } from "./cli/b.js";', "./cli/b.js, a face"],
    ["src/hub/a.ts", 'import { b } from "../testing/b.js";', "../testing/b.js, which is for tests"],
    ["src/testing/a.ts", 'import { b } from "../hub/b.js";', "../hub/b.js, which is not below it"],
    ["src/store/a.ts", 'import { b } from "../backplane/b.js";', "../backplane/b.js, which is not below it"],
    ["src/core/a.ts", 'import { b } from "../../test/b.js";', "../../test/b.js, which is outside src"],
    ["src/core/a.ts", 'import { b } from "holdfast";', "holdfast by name: write the path"],
    ["src/core/a.ts", "const b = await import(name);", "something computed"],
    ["src/core/a.ts", 'const b = await import("./" + name);', "something computed"],
  ];
  for (const [path, text, wrong] of bad) {
    test(`${path}: ${text.replaceAll(/\s+/g, " ")}`, () => {
      assert.deepEqual(violations({ path, text }), [`${path} imports ${wrong}`]);
    });
  }

  test("a folder that is in no layer", () => {
    assert.deepEqual(violations({ path: "src/utils/a.ts", text: "" }), [
      "src/utils/a.ts: no layer is called utils",
    ]);
  });
});

test("the checker lets pass what may be", () => {
  const good: [path: string, text: string][] = [
    ["src/core/a.ts", 'import { b } from "./b.js";\nimport type { C } from "./c.js";'],
    [
      "src/protocol/framing/a.ts",
      'import { b } from "../../core/b.js";\nimport { c } from "../encoding/c.js";',
    ],
    ["src/transport/a.ts", 'import net from "node:net";\nimport { WebSocket } from "ws";'],
    ["src/hub/a.ts", 'import { pino } from "pino";\nimport { b } from "../connection/b.js";'],
    [
      "src/cli/a.ts",
      'import { connect } from "../index.js";\nimport { b } from "./b.js";\nimport "commander";',
    ],
    ["src/testing/a.ts", 'import { b } from "../connection/b.js";\nimport test from "node:test";'],
    ["src/index.ts", 'export * from "./core/a.js";'],
    [
      "src/core/a.ts",
      '// import { b } from "../hub/b.js";\n/** `await import(name)` */\nconst a = "tcp://h:1";',
    ],
    ["src/core/a.ts", "const here = import.meta.url;"],
  ];
  for (const [path, text] of good) assert.deepEqual(violations({ path, text }), [], text);
});
