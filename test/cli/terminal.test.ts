// What differs where a person sits at a terminal: tried on a pseudo-terminal that script(1) makes.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, suite, test } from "node:test";

import { createHub } from "../../src/hub.js";
import { connect, lines, listen, text } from "../../src/index.js";
import { accepted } from "../support/connected.js";
import { Program } from "../support/program.js";
import { needs } from "../support/require.js";

const folder = mkdtempSync(join(tmpdir(), "holdfast-terminal-"));
after(() => rmSync(folder, { recursive: true }));

const esc = "\u001b";

/** The command on a terminal of its own; what we write is typed, what it shows is `stdout`. */
function onTerminal(args: string, env: { readonly [name: string]: string } = {}): Program {
  const line = `${process.execPath} ${resolve("dist/cli/main.js")} ${args}`;
  return new Program("script", ["--quiet", "--return", "--command", line, "/dev/null"], { env });
}

suite("on a terminal", needs({ commands: ["script"] }), () => {
  const loopback = () => listen("tcp://127.0.0.1:0", { encoding: text() });

  test("each line typed is sent, and what the peer says is shown", async () => {
    await using listener = await loopback();
    await using run = onTerminal(`connect ${listener.endpoint}`);
    const peer = await accepted(listener);
    run.write("hello\n");
    assert.equal(await peer.receive(), "hello\n");
    await peer.send("welcome\n");
    await run.sees(/welcome\r\n/);
    await peer.close();
    await run.exit;
  });

  test("the command exits when the peer ends, without waiting for a last line", async () => {
    await using listener = await loopback();
    await using run = onTerminal(`connect ${listener.endpoint}`);
    const peer = await accepted(listener);
    await peer.send("goodbye\n");
    await peer.close();
    assert.equal((await run.exit).code, 0);
    assert.match(run.stdout, /goodbye\r\n/);
  });

  test("Ctrl-D half-closes, and the reply is still shown", async () => {
    await using listener = await loopback();
    await using run = onTerminal(`connect ${listener.endpoint}`);
    const peer = await accepted(listener);
    run.write("that is all\n");
    assert.equal(await peer.receive(), "that is all\n");
    run.write("\u0004");
    assert.equal(await peer.receive(), undefined);
    await peer.send("understood\n");
    await peer.close();
    assert.equal((await run.exit).code, 0);
    assert.match(run.stdout, /understood/);
  });

  test("Ctrl-C exits with 130", async () => {
    await using listener = await loopback();
    await using run = onTerminal(`connect ${listener.endpoint}`);
    const peer = await accepted(listener);
    await peer.send("ready\n");
    await run.sees(/ready/);
    run.write("\u0003");
    assert.equal((await run.exit).code, 130);
    await peer.close();
  });

  test("escape sequences from a peer are shown and do nothing", async () => {
    await using listener = await loopback();
    await using run = onTerminal(`connect ${listener.endpoint}`);
    const peer = await accepted(listener);
    await peer.send("\u001b]0;owned\u0007 grüße\n");
    await run.sees(/\^\[\]0;owned\^G grüße\r\n/);
    await peer.close();
    assert.equal((await run.exit).code, 0);
  });

  test("events are dim, unless NO_COLOR is set", async () => {
    await using listener = await loopback();
    for (const [env, wanted] of [
      [{ TERM: "xterm", NO_COLOR: "" }, new RegExp(`${esc}\\[2m#1 trying .*${esc}\\[22m\r\n`)],
      [{ TERM: "xterm", NO_COLOR: "1" }, /^#1 trying .*[^m]\r\n/],
    ] as const) {
      await using run = onTerminal(`connect ${listener.endpoint} -v`, env);
      await (await accepted(listener)).close();
      assert.equal((await run.exit).code, 0);
      assert.match(run.stdout, wanted);
    }
  });

  test("a long transfer to a file shows how far it is, and clears the line at the end", async () => {
    await using listener = await loopback();
    const file = join(folder, "received");
    await using run = onTerminal(`connect ${listener.endpoint} > ${file}`);
    const peer = await accepted(listener);
    let shown = false;
    const seen = run.sees(new RegExp(`\r${esc}\\[K[\\d.]+ \\w+ received, [\\d.]+ \\w+/s`)).then(() => {
      shown = true;
    });
    // A few bytes at a time, for as long as it takes.
    while (!shown) {
      await peer.send("0123456789\n");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await seen;
    await peer.close();
    assert.equal((await run.exit).code, 0);
    assert.match(run.stdout, new RegExp(`\r${esc}\\[J$`));
    assert.match(readFileSync(file, "utf8"), /^(?:0123456789\n)+$/);
  });

  test("chat shows what comes above the line that is being typed, which stays whole", async () => {
    await using hub = await createHub({ plain: "tcp://127.0.0.1:0", endpoints: ["tcp://127.0.0.1:0"] });
    const [session = ""] = hub.endpoints;
    const bob = await connect(hub.plain, { framing: lines() });
    // exec: a shell that waits would take the interrupt for its own end.
    const command = `exec ${process.execPath} dist/cli/main.js chat ${session} --name ada`;
    const colours = { TERM: "xterm", NO_COLOR: "" };
    await using run = new Program("script", ["-qec", command, "/dev/null"], { env: colours });
    await run.sees(/\/cut cuts your link/);
    await run.sees(new RegExp(`${esc}\\[2m\\* guest-\\d is now ada${esc}\\[22m\r\n.*ada: `));
    run.write("hello, ");
    await run.sees(/hello, $/);
    await bob.send(`I interrupt ${esc}[2J`);
    await run.sees(new RegExp(`${esc}\\[0Jguest-1: I interrupt \\\\x1b\\[2J\r\n.*ada: hello, `));
    run.write("bob\r");
    for await (const line of bob) if (line === "ada: hello, bob") break;
    run.write("/cut\r");
    await run.sees(new RegExp(`${esc}\\[2m- link cut; resuming…${esc}\\[22m`));
    await run.sees(new RegExp(`${esc}\\[2m- back after [\\d.]+ m?s, nothing lost`));
    run.write("\u0004");
    assert.equal((await run.exit).code, 0);
    for await (const line of bob) if (line === "* ada left") break;
    await bob.close();
  });

  test("chat: Ctrl-C ends it with 130, and the room hears of it", async () => {
    await using hub = await createHub({ plain: "tcp://127.0.0.1:0", endpoints: ["tcp://127.0.0.1:0"] });
    const bob = await connect(hub.plain, { framing: lines() });
    const command = `exec ${process.execPath} dist/cli/main.js chat ${hub.endpoints[0]} --name ada`;
    await using run = new Program("script", ["-qec", command, "/dev/null"], { env: { NO_COLOR: "1" } });
    await run.sees(/is now ada/);
    run.write("\u0003");
    assert.equal((await run.exit).code, 130);
    for await (const line of bob) if (/^\* ada left: .*interrupted/.test(line)) break;
    await bob.close();
  });

  test("demo shows how it stands while it runs, and the table once at the end", async () => {
    await using run = onTerminal("demo --for 1s");
    await run.sees(/longest pause\r\n.*holdfast session.*\r\n.*node:net.*\r\n.*1 s left/);
    await run.sees(/waiting for what is still under way/);
    assert.equal((await run.exit).code, 0);
    assert.match(run.stdout, new RegExp(`${esc}\\[J +cuts .*\r\n[^${esc}]*$`));
  });
});
