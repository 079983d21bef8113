// The configuration file: every key and value is one that the option table knows.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { checkConfig, nearest, readConfig } from "../../src/cli/config.js";
import { UsageError } from "../../src/index.js";

const check = (config: unknown) => checkConfig("hub", config, "room.json");

function refuses(config: unknown, message: RegExp): void {
  assert.throws(
    () => check(config),
    (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /^room\.json: /);
      assert.match(error.message, message);
      return true;
    },
  );
}

test("options stand under their names, in JSON's types or as on the command line", () => {
  const config = {
    plain: "tcp://127.0.0.1:9000",
    plainQuiet: "1s",
    idle: 90,
    lineMax: "64KiB",
    sendBuffer: 300_000,
    history: 5,
    allowCleartext: true,
    logLevel: "debug",
  };
  assert.deepEqual(check(config), {
    plain: "tcp://127.0.0.1:9000",
    plainQuiet: 1_000,
    idle: 90_000,
    lineMax: 65_536,
    sendBuffer: 300_000,
    history: 5,
    allowCleartext: true,
    logLevel: "debug",
  });
});

test("what can be switched off is switched off by false", () => {
  assert.deepEqual(check({ plain: false }), { plain: false });
});

suite("a key that is no option is refused", () => {
  test("with the nearest that is", () => {
    refuses({ plian: ":1" }, /there is no option "plian"; did you mean plain\?/);
    refuses({ "plain-quiet": "1s" }, /did you mean plainQuiet\?/);
    refuses({ HISTORY: 1 }, /did you mean history\?/);
  });

  test("with all that there are, if none is near", () => {
    refuses({ colour: "red" }, /hub knows listen, plain, http, /);
  });

  test("even if another command has it, or it would name another file", () => {
    refuses({ exec: "cat" }, /there is no option "exec"/);
    refuses({ config: "other.json" }, /there is no option "config"/);
  });
});

suite("a value of the wrong type is refused, with what is right", () => {
  const wrong: [config: object, message: RegExp][] = [
    [{ plain: 12345 }, /plain is 12345; write an endpoint such as "tcp:.*", or false/],
    [{ plainQuiet: true }, /plainQuiet is true; write a duration such as "500ms"/],
    [{ plainQuiet: "soon" }, /plainQuiet is "soon"; write it with a unit/],
    [{ lineMax: [] }, /lineMax is \[\]; write a size/],
    [{ history: "5" }, /history is "5"; write a whole number/],
    [{ history: 0 }, /history is 0; it is a whole number of at least 1/],
    [{ history: 1.5 }, /history is 1.5; it is a whole number/],
    [{ allowCleartext: "yes" }, /allowCleartext is "yes"; write true or false/],
    [{ logLevel: "loud" }, /logLevel is "loud"; it is one of silent, error/],
    [{ logLevel: null }, /logLevel is null; write one of "silent", "error"/],
  ];
  for (const [config, message] of wrong) test(JSON.stringify(config), () => refuses(config, message));
});

test("a file that is no object is refused", () => {
  for (const config of [null, [], "plain", 1]) refuses(config, /it is no object/);
});

suite("the file", () => {
  function withFile(text: string | undefined, body: (path: string) => void): void {
    const folder = mkdtempSync(join(tmpdir(), "holdfast-config-"));
    const path = join(folder, "room.json");
    try {
      if (text !== undefined) writeFileSync(path, text);
      body(path);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test("is read, with or without a byte order mark", () => {
    for (const text of ['{ "history": 3 }', '\ufeff{ "history": 3 }']) {
      withFile(text, (path) => assert.deepEqual(readConfig("hub", path), { history: 3 }));
    }
  });

  test("must be there if it was named, and need not if it was not", () => {
    withFile(undefined, (path) =>
      assert.throws(() => readConfig("hub", path), {
        name: "UsageError",
        message: /there is no such file; see --config/,
      }),
    );
    assert.deepEqual(readConfig("hub", undefined), {});
  });

  test("must be JSON, and something that can be read", () => {
    withFile("{ plain }", (path) =>
      assert.throws(() => readConfig("hub", path), { name: "UsageError", message: /it is no JSON: / }),
    );
    assert.throws(() => readConfig("hub", tmpdir()), { name: "UsageError", message: /EISDIR/ });
  });
});

test("the nearest name is the one that few edits lead to", () => {
  assert.equal(nearest("conectionsmax", ["plain", "connectionsMax"]), "connectionsMax");
  assert.equal(nearest("plan", ["plain", "pace"]), "plain");
  assert.equal(nearest("zzzzzz", ["plain", "pace"]), undefined);
  assert.equal(nearest("anything", []), undefined);
});
