import assert from "node:assert/strict";
import { resolve } from "node:path";
import { test } from "node:test";

import { Program } from "../support/program.js";

const phone = (...args: string[]): Program =>
  new Program(process.execPath, [resolve("build/examples/phone-call.js"), ...args]);

test("two people talk until one says bye, and both programs end", async () => {
  await using answering = phone("listen", "tcp://127.0.0.1:0");
  const [, endpoint = ""] = await answering.sees(/waiting at (\S+)/);
  await using calling = phone("dial", endpoint);
  await calling.sees(/connected with/);
  calling.write("is anybody there?\n");
  await answering.sees(/> is anybody there\?/);
  answering.write("yes, who is calling?\n");
  await calling.sees(/> yes, who is calling\?/);
  calling.write("bye\n");
  await answering.sees(/> bye/);
  assert.deepEqual(await calling.exit, { code: 0, signal: null });
  assert.deepEqual(await answering.exit, { code: 0, signal: null });
  for (const { stdout } of [calling, answering]) assert.match(stdout, /^ended \((local|remote)\)$/m);
});

test("a call that nobody answers says why", async () => {
  await using calling = phone("dial", "tcp://127.0.0.1:1");
  assert.equal((await calling.exit).code, 1);
  assert.match(calling.stderr, /connection refused/);
});

test("without listen or dial it says what to say", async () => {
  await using confused = phone();
  assert.equal((await confused.exit).code, 2);
  assert.match(confused.stderr, /say listen or dial/);
});
