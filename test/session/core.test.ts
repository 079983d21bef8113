import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { encodeClose } from "../../src/protocol/session/words.js";
import { simulate } from "../../src/testing/simulate.js";
import { RawClient } from "../support/raw-client.js";
import { ack, frame } from "../support/session-side.js";
import { endOf, opened, serving } from "../support/sessions.js";

suite("whatever ends a session, everybody who waits is told, once", () => {
  test("receive, batches, send, open, flush, streams and states", () =>
    simulate({}, async (world) => {
      const limits = { messageBytesMax: 64, streamCreditBytes: 64, mainCreditBytes: 64, streamsMax: 1 };
      const { client, served } = await opened(world, { server: { limits }, client: { limits } });
      const stream = await client.open("only");
      await client.send("fills the credit");
      await client.flush();
      for (const cable of world.cables) cable.hold();
      await stream.send("unknown");
      const told: string[] = [];
      const tell = (what: string, promise: Promise<unknown>) =>
        promise.then(
          () => told.push(`${what} ended`),
          (error: { readonly code: string }) => told.push(`${what} ${error.code}`),
        );
      const states = (async () => {
        for await (const { name } of client.states()) if (name === "closed") return;
      })();
      const all = [
        tell("receive", client.receive()),
        tell("stream", stream.batches().next()),
        tell("send", client.send("waits")),
        tell("open", client.open("waits")),
        tell("flush", client.flush()),
        tell("streams", client.streams().next()),
        tell("states", states),
        tell("closed", client.closed),
      ];
      await world.sleep(100);
      assert.deepEqual(told, []);
      client.abort("enough");
      await Promise.all(all);
      assert.deepEqual(told.sort(), [
        "closed ended",
        "flush ERR_CLOSED",
        "open ERR_CLOSED",
        "receive ERR_CLOSED",
        "send ERR_CLOSED",
        "states ended",
        "stream ERR_CLOSED",
        "streams ended",
      ]);
      for (const cable of world.cables) cable.heal();
      await served.closed;
    }));

  test("an orderly end: sends that wait fail where the peer closes, reading ends", () =>
    simulate({}, async (world) => {
      const limits = { messageBytesMax: 64, streamCreditBytes: 64, mainCreditBytes: 64, streamsMax: 1 };
      const { client, served } = await opened(world, { client: { limits } });
      const stream = await served.open("only");
      await served.send("unread");
      const message = /the peer has closed the session/;
      const send = assert.rejects(served.send("waits"), { code: "ERR_CLOSED", message });
      const open = assert.rejects(served.open("waits"), { code: "ERR_CLOSED", message });
      const reading = served.receive();
      await world.sleep(100);
      await client.close();
      await Promise.all([send, open]);
      assert.equal(await reading, undefined);
      await assert.rejects(stream.send("x"), { code: "ERR_CLOSED" });
      assert.equal((await endOf(served)).unread, 1);
    }));
});

test("behind the peer's CLOSE a stream takes no more messages", () =>
  simulate({}, async (world) => {
    const { guests } = await serving(world);
    const raw = await RawClient.dial(world);
    const coming = guests.next();
    await raw.hello();
    await raw.send(ack(0));
    const served = await coming;
    const stream = await served.open("a");
    await raw.send(frame("close", { payload: encodeClose({ final: 0, code: "closed", reason: "enough" }) }));
    await world.sleep(100);
    assert.deepEqual(served.state, { name: "draining", why: "enough" });
    await assert.rejects(stream.send("x"), { code: "ERR_CLOSED", message: /the peer has closed/ });
    assert.equal(stream.trySend("x"), false);
    const names: (string | undefined)[] = [];
    while (!names.includes("close")) names.push((await raw.frame())?.name);
    assert.ok(names.includes("open"), names.join());
    raw.connection.abort();
    served.abort();
  }));

test("streams that come while it closes are nobody's", () =>
  simulate({ latencyMs: 20 }, async (world) => {
    const { client, served } = await opened(world);
    const closing = served.close();
    await client.open("late", { message: "x" });
    await closing;
    assert.equal((await served.streams().next()).done, true);
    assert.equal((await endOf(client)).unread, 1);
  }));
