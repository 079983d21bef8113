// The policy of the package: what it promises is there, pinned and licensed, and importing it loads only what it uses.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

interface Target {
  readonly types: string;
  readonly default: string;
}

interface Manifest {
  readonly license: string;
  readonly type: string;
  readonly engines: { readonly node: string };
  readonly exports: { readonly [path: string]: string | (Target & { readonly browser?: Target }) };
  readonly bin: { readonly [name: string]: string };
  readonly files: readonly string[];
  readonly dependencies: { readonly [name: string]: string };
  readonly devDependencies: { readonly [name: string]: string };
}

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
const entryPoints = Object.entries(manifest.exports).filter(([path]) => path !== "./package.json");

suite("every file that package.json names is there after the build", () => {
  for (const [path, target] of entryPoints) {
    test(`the entry point ${path}, types first`, () => {
      assert.ok(typeof target === "object");
      const { browser, ...others } = target;
      for (const conditions of browser === undefined ? [others] : [browser, others]) {
        assert.equal(Object.keys(conditions)[0], "types");
        for (const file of Object.values(conditions)) assert.ok(existsSync(file), `${file} is missing`);
      }
    });
  }
  for (const [path, target] of entryPoints) {
    test(`${path} exports by name`, async () => {
      assert.ok(typeof target === "object");
      const compiled = resolve(target.default.replace(/^\.\/dist\//, "build/src/"));
      const names = Object.keys((await import(pathToFileURL(compiled).href)) as object);
      assert.ok(names.length > 0);
      assert.ok(!names.includes("default"));
    });
  }
  for (const [name, file] of Object.entries(manifest.bin)) {
    test(`the command ${name}, which a shell can start`, () => {
      assert.match(readFileSync(file, "utf8"), /^#!\/usr\/bin\/env node\n/);
    });
  }
});

test("every dependency is pinned to one version", () => {
  for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
    assert.match(version, /^\d+\.\d+\.\d+$/, name);
  }
  assert.match(readFileSync(".npmrc", "utf8"), /^save-exact=true$/m);
});

test("the lock file has what package.json asks for, and names no place of its own to load it from", () => {
  const lock = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
    packages: { [path: string]: { version?: string; resolved?: string } };
  };
  for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
    assert.equal(lock.packages[`node_modules/${name}`]?.version, version, name);
  }
  for (const [path, { resolved }] of Object.entries(lock.packages)) {
    assert.equal(resolved, undefined, `${path}: npm install with omit-lockfile-registry-resolved`);
  }
});

test("the licence is MIT and in the package", () => {
  assert.equal(manifest.license, "MIT");
  assert.match(readFileSync("LICENSE", "utf8"), /^MIT License\n/);
});

test("it is ESM only, from Node 20.19", () => {
  assert.equal(manifest.type, "module");
  assert.equal(manifest.engines.node, ">=20.19");
});

suite("importing", () => {
  test("holdfast loads nothing from node_modules", async () => {
    assert.deepEqual(await dependenciesLoadedBy('await import("holdfast")'), []);
  });

  for (const [path] of entryPoints.filter(([path]) => path !== ".")) {
    test(`holdfast${path.slice(1)} prints nothing and loads no part of the command`, async () => {
      const loaded = await dependenciesLoadedBy(`await import("holdfast${path.slice(1)}")`);
      assert.ok(!loaded.includes("commander"), "the command's parser is loaded");
    });
  }

  test("is measured by something that would see a dependency", async () => {
    assert.ok((await dependenciesLoadedBy('await import("commander")')).includes("commander"));
  });
});

/** The dependencies whose scripts a fresh process ran, by V8's own account; it must print nothing. */
async function dependenciesLoadedBy(program: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-loaded-"));
  try {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "--eval", program],
      { env: { ...process.env, NODE_V8_COVERAGE: folder } },
    );
    assert.equal(stdout + stderr, "");
    const names = scriptsIn(folder).map((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]);
    return [...new Set(names.filter((name) => name !== undefined))].sort();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function scriptsIn(folder: string): string[] {
  return readdirSync(folder).flatMap((file) => {
    const report = JSON.parse(readFileSync(join(folder, file), "utf8")) as { result: { url: string }[] };
    return report.result
      .map(({ url }) => url)
      .filter((url) => url.startsWith("file:"))
      .map((url) => fileURLToPath(url));
  });
}
