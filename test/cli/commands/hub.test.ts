// `holdfast hub` as a command: its doors, its options, its errors and its end.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { connect, lines, openSession } from "../../../src/index.js";
import { holdfast, Program } from "../../support/program.js";
import { needs } from "../../support/require.js";

const folder = mkdtempSync(join(tmpdir(), "holdfast-hub-"));
after(() => rmSync(folder, { recursive: true }));

const doorLine = /^plain (\S+)\n$/;

async function doorOf(hub: Program): Promise<string> {
  return (await hub.sees(doorLine))[1] ?? "";
}

test("it prints one line per door on stdout, and logs on stderr as NDJSON", async () => {
  await using hub = holdfast([
    ...["hub", "--plain", "tcp://127.0.0.1:0"],
    ...["--listen", "tcp://127.0.0.1:0", "--listen", `unix:${join(folder, "session")}`],
  ]);
  const doors = /^plain (tcp:\S+)\nsession (tcp:\S+)\nsession (unix:\S+)\n$/;
  const [, door = "", sessions = ""] = await hub.sees(doors);
  await (await openSession(sessions)).close();
  const member = await connect(door, { framing: lines() });
  assert.equal(await member.receive(), "* you are guest-2; here: guide");
  await hub.sees(/"connection":\d+,.*"msg":"joined"/, "stderr");
  await hub.sees(/"session":"[0-9a-f]{32}",.*"msg":"joined"/, "stderr");
  for (const line of hub.stderr.trim().split("\n")) JSON.parse(line);
  await member.close();
  hub.kill("SIGTERM");
  assert.deepEqual(await hub.exit, { code: 0, signal: null });
  assert.match(hub.stdout, doors);
});

test("the HTTP door is the last line, and tells of its health", async () => {
  await using hub = holdfast(["hub", "--plain", ":0", "--no-listen", "--http", ":0"]);
  const [, url = ""] = await hub.sees(/^plain tcp:\S+\nhttp (http:\/\/127\.0\.0\.1:\d+)\n$/);
  assert.equal(await (await fetch(`${url}/ready`)).text(), "ready\n");
  assert.doesNotMatch(hub.stderr, /code/);
  const refused = await fetch(`${url}/page`);
  assert.equal(refused.status, 426);
  hub.kill("SIGTERM");
  assert.deepEqual(await hub.exit, { code: 0, signal: null });
});

test("an admin code that could be guessed is wrong usage", async () => {
  await using hub = holdfast(["hub", "--http", ":0"], { env: { HOLDFAST_ADMIN_CODE: "1234" } });
  assert.equal((await hub.exit).code, 2);
  assert.match(hub.stderr, /adminCode must have at least 16 characters/);
});

suite("options come from flags, before variables, before the file, before the defaults:", () => {
  const from = (name: string) => `unix:${join(folder, name)}`;
  const file = join(folder, "room.json");
  writeFileSync(file, JSON.stringify({ plain: from("file"), history: 1 }));
  const cases: [name: string, args: string[], env: { [name: string]: string }][] = [
    ["flag", ["--plain", from("flag"), "--config", file], { HOLDFAST_PLAIN: from("variable") }],
    ["variable", ["--config", file], { HOLDFAST_PLAIN: from("variable") }],
    ["file", [], { HOLDFAST_CONFIG: file }],
  ];
  for (const [name, args, env] of cases) {
    test(name, async () => {
      await using hub = holdfast(["hub", "--no-listen", ...args], { env });
      assert.equal(await doorOf(hub), from(name));
      hub.kill("SIGINT");
      assert.deepEqual(await hub.exit, { code: 0, signal: null });
    });
  }

  test("holdfast.config.json is read where the hub is started", async () => {
    writeFileSync(join(folder, "holdfast.config.json"), JSON.stringify({ plain: from("here") }));
    await using hub = holdfast(["hub", "--no-listen"], { cwd: folder });
    assert.equal(await doorOf(hub), from("here"));
  });
});

suite("wrong usage exits with 2, and says what is right:", () => {
  const bad = join(folder, "bad.json");
  writeFileSync(bad, JSON.stringify({ plian: ":1" }));
  const cases: [args: string[], message: RegExp][] = [
    [["--config", bad], /bad\.json: there is no option "plian"; did you mean plain\?/],
    [["--plain", "tcp://*:0"], /in the clear; .*--allow-cleartext/],
    [["--plain", "tcp://127.0.0.1"], /the port is missing/],
    [["--no-plain", "--no-listen", "--no-http"], /leave no door open/],
    [["--http", "http://*:0"], /listen http:\/\/\*:0: others than this machine.*--allow-cleartext/],
    [["--http", "http://127.0.0.1:x"], /"x" is no port; write http/],
    [["--http", ":0", "--origin", "app.example"], /"app\.example" is no origin/],
    [["--http", ":0", "--host-name", "https://hub.example"], /no name of a host/],
    [["--no-plain", "--listen", "tcp://*:0"], /in the clear; .*--allow-cleartext/],
    [["--listen", "udp://127.0.0.1:0"], /a room needs connections, which udp:\/\/ has not/],
    [["--plain", "memory:room"], /inside one program, where no command can reach it/],
    [["--plain", "udp://127.0.0.1:0"], /a room needs connections, which udp:\/\/ has not/],
    [["--plian", ":1"], /unknown option.*--plian[\s\S]*--plain/],
    [["room"], /too many arguments/],
  ];
  for (const [args, message] of cases) {
    test(args.join(" ").replace(bad, "FILE"), async () => {
      await using hub = holdfast(["hub", ...args]);
      assert.equal((await hub.exit).code, 2);
      assert.match(hub.stderr, message);
      assert.equal(hub.stdout, "");
    });
  }
});

test("a busy port exits with 1, and names the flag and the variable to change", async () => {
  await using first = holdfast(["hub", "--no-listen", "--plain", ":0"]);
  const door = await doorOf(first);
  const cases = [
    [["--no-listen"], { HOLDFAST_PLAIN: door }, "--plain or HOLDFAST_PLAIN"],
    [["--plain", ":0", "--listen", door], {}, "--listen or HOLDFAST_LISTEN"],
    [["--plain", ":0", "--no-listen", "--http", door.replace("tcp", "http")], {}, "--http or HOLDFAST_HTTP"],
  ] as const;
  for (const [args, env, way] of cases) {
    await using second = holdfast(["hub", ...args], { env });
    assert.equal((await second.exit).code, 1);
    assert.match(second.stderr, new RegExp(`^holdfast: listen \\S+ the address is in use.*${way}`, "m"));
    assert.equal(second.stdout, "");
  }
});

suite("a signal", () => {
  test("drains: members are told, and once they have gone it exits with 0, even if it comes twice", async () => {
    await using hub = holdfast(["hub", "--no-listen", "--plain", ":0"]);
    const member = await connect(await doorOf(hub), { framing: lines() });
    await member.receive();
    hub.kill("SIGTERM");
    hub.kill("SIGTERM");
    const heard: string[] = [];
    for await (const line of member) heard.push(line);
    assert.equal(heard.at(-1), "* the hub is closing; goodbye");
    await member.close();
    assert.deepEqual(await hub.exit, { code: 0, signal: null });
    assert.match(hub.stderr, /"msg":"drained"/);
  });

  test("of another kind, while it drains, ends it at once", async () => {
    await using hub = holdfast(["hub", "--no-listen", "--plain", ":0"]);
    const member = await connect(await doorOf(hub));
    await member.receive();
    hub.kill("SIGTERM");
    await hub.sees(/"msg":"draining"/, "stderr");
    hub.kill("SIGINT");
    assert.equal((await hub.exit).code, 130);
    member.abort();
  });
});

test("a reader of the log that has gone is no reason to end, nor to hang at the end", async () => {
  await using hub = holdfast(["hub", "--no-listen", "--plain", ":0"]);
  const door = await doorOf(hub);
  hub.stopReadingStderr();
  for (let visit = 0; visit < 3; visit += 1) {
    const member = await connect(door, { framing: lines() });
    assert.match((await member.receive()) ?? "", /^\* you are/);
    await member.close();
  }
  hub.kill("SIGTERM");
  assert.deepEqual(await hub.exit, { code: 0, signal: null });
});

test("on a terminal it says what to type next", needs({ commands: ["script"] }), async () => {
  // exec: a shell that waits would take the interrupt for its own end.
  const command = `exec ${process.execPath} dist/cli/main.js hub --plain :0 --listen :0 --http :0`;
  await using hub = new Program("script", ["-qec", command, "/dev/null"], { env: { NO_COLOR: "1" } });
  const [, port] = await hub.sees(/^ {2}nc 127\.0\.0\.1 (\d+)\r$/m);
  assert.match(hub.stdout, new RegExp(`^plain tcp://127\\.0\\.0\\.1:${port}\\r$`, "m"));
  await hub.sees(/^ {2}npx holdfast chat tcp:\/\/127\.0\.0\.1:\d+\r$/m);
  await hub.sees(/^ {2}http:\/\/127\.0\.0\.1:\d+\r$/m);
  await hub.sees(/admin code, to cut and disconnect others: [\w-]{20}\r$/m);
  await hub.sees(/Ctrl-C closes it/);
  hub.write("\x03");
  assert.equal((await hub.exit).code, 0);
  assert.match(hub.stdout, /INFO: drained/);
});
