import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { json } from "../../src/protocol/encoding/json.js";
import { keepSession, openSession } from "../../src/session/in-browser.js";
import { serveSessions } from "../../src/session/serve-sessions.js";
import { usePageSocket } from "../support/page-socket.js";

// Chromium itself is tried in test/browser.
suite("from where there is nothing but WebSocket", () => {
  usePageSocket();

  test("a session is opened, resumes and is followed by others", async () => {
    const server = await serveSessions(
      "ws://127.0.0.1:0/session",
      async (session) => {
        for await (const message of session) await session.send(message);
      },
      { encoding: json<string>() },
    );
    {
      await using session = await openSession(server.endpoint, { encoding: json<string>() });
      await session.send("one");
      assert.equal(await session.receive(), "one");
      session.cutLink();
      await session.send("two");
      assert.equal(await session.receive(), "two");
      assert.equal(session.stats.links, 2);
    }
    for await (const { session } of keepSession(server.endpoint, { encoding: json<string>() })) {
      await session.send("three");
      assert.equal(await session.receive(), "three");
      await session.close();
    }
    await server.drain({ deadlineMs: 0 });
  });

  test("another endpoint is refused by a promise", async () => {
    await assert.rejects(openSession("tcp://127.0.0.1:1"), { code: "ERR_ENDPOINT" });
    await assert.rejects(keepSession("tcp://127.0.0.1:1").next(), { code: "ERR_ENDPOINT" });
  });
});
