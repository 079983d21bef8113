// The reconnect loop on node:net, through a cutter: what it survives, and what it cannot.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { netLoop, netResend } from "../../../../src/cli/demo/contenders/node-net.js";
import { cutKinds } from "../../../../src/hub/lab/wire.js";
import { never, Scene } from "./scene.js";

suite("both of them", () => {
  for (const contender of [netLoop, netResend]) {
    test(`${contender.name}: messages pass both ways`, async () => {
      await using scene = await Scene.open(contender, never);
      scene.send("up", "1 one");
      assert.equal(await scene.sees("up", "1 one"), "1 one");
      scene.send("down", "2 two");
      assert.equal(await scene.sees("down", "2 two"), "2 two");
    });

    for (const kind of cutKinds) {
      test(`${contender.name}: is back after ${kind}`, async () => {
        await using scene = await Scene.open(contender);
        await scene.comesBack("up");
        await scene.comesBack("down");
        await scene.cut(kind);
        await scene.cutter?.settled();
        await scene.comesBack("up");
        await scene.comesBack("down");
      });
    }
  }
});

test("without sending again, what was in a link that fell silent is lost", async () => {
  await using scene = await Scene.open(netLoop);
  await scene.comesBack("up");
  await scene.cut("half-open");
  scene.send("up", "in the link");
  await scene.cutter?.settled();
  // What is sent again would come before what is new.
  await scene.comesBack("up");
  assert.ok(!scene.seen.includes("in the link"));
});

test("with it, the same arrives, over the next link", async () => {
  await using scene = await Scene.open(netResend);
  await scene.comesBack("up");
  await scene.cut("half-open");
  scene.send("up", "in the link");
  scene.send("up", "later");
  assert.equal(await scene.sees("up", "in the link", "later"), "in the link");
  assert.equal(await scene.sees("up", "in the link", "later"), "later");
});

test("with it, what was confirmed by nobody arrives twice", async () => {
  await using scene = await Scene.open(netResend, never);
  await scene.comesBack("up");
  scene.send("up", "hello");
  await scene.sees("up", "hello");
  await scene.cut("reset");
  assert.equal(await scene.sees("up", "hello"), "hello");
});
