// A session as the demo has it, through a cutter: whatever is done to its links, its user sees nothing of it.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { session } from "../../../../src/cli/demo/contenders/session.js";
import { cutKinds } from "../../../../src/hub/lab/wire.js";
import { never, Scene } from "./scene.js";

test("messages pass both ways", async () => {
  await using scene = await Scene.open(session, never);
  scene.send("up", "1 one");
  scene.send("down", "2 two");
  await scene.sees("up", "1 one");
  await scene.sees("down", "2 two");
});

suite("what was sent before, during and after comes once and in order, through", () => {
  for (const kind of cutKinds) {
    test(kind, async () => {
      await using scene = await Scene.open(session);
      const messages = ["before", "during", "after"];
      const both = (message: string) => {
        scene.send("up", `up ${message}`);
        scene.send("down", `down ${message}`);
      };
      both("before");
      await scene.cut(kind);
      both("during");
      await scene.cutter?.settled();
      both("after");
      await scene.sees("up", "up after");
      await scene.sees("down", "down after");
      for (const direction of ["up", "down"]) {
        const seen = scene.seen.filter((message) => message.startsWith(direction));
        assert.deepEqual(
          seen,
          messages.map((message) => `${direction} ${message}`),
        );
      }
    });
  }
});

test("it ends while its link is cut", async () => {
  await using scene = await Scene.open(session, never);
  await scene.cut("half-open");
  scene.send("up", "into the silence");
});
