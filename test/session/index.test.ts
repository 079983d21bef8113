import assert from "node:assert/strict";
import { test } from "node:test";
import { keepSession, openSession, serveSessions } from "../../src/session/index.js";

test("a session is opened and served by the two doors of the layer", async () => {
  await using server = await serveSessions("memory:doors", async (session) => {
    for await (const message of session) await session.send(message);
  });
  await using session = await openSession("memory:doors");
  await session.send(Uint8Array.of(1, 2, 3));
  assert.deepEqual(await session.receive(), Uint8Array.of(1, 2, 3));
  assert.equal(server.endpoint, "memory:doors");
});

test("sessions that follow one another end with the loop that is left", async () => {
  await using server = await serveSessions("memory:kept", async (session) => {
    for await (const message of session) await session.send(message);
  });
  for await (const { session, previous } of keepSession("memory:kept")) {
    assert.equal(previous, undefined);
    await session.send(Uint8Array.of(1));
    assert.deepEqual(await session.receive(), Uint8Array.of(1));
    break;
  }
  await server.drain();
  assert.equal(server.stats.sessions, 0);
});

test("what they refuse, they refuse by a promise", async () => {
  await assert.rejects(openSession("http://x"), { name: "UsageError" });
  await assert.rejects(
    serveSessions([], () => {}),
    { message: /no endpoint/ },
  );
});
