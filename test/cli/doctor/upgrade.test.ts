import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { checkUpgrade } from "../../../src/cli/doctor/upgrade.js";
import { parseEndpoint, type Server, serve } from "../../../src/index.js";
import { patient, statuses } from "./patients.js";

/** Answers every request with `answer`, and keeps what it was asked. */
async function web(answer: string): Promise<{ server: Server; endpoint: string; asked: string[] }> {
  const asked: string[] = [];
  const server = await serve("tcp://127.0.0.1:0", async (connection) => {
    asked.push(new TextDecoder().decode(await connection.receive()));
    await connection.send(new TextEncoder().encode(answer));
    await connection.end();
    await connection.receive().catch(() => {});
  });
  const { port } = parseEndpoint(server.endpoint) as { port: number };
  return { server, endpoint: `ws://127.0.0.1:${port}/live?a=1`, asked };
}

test("an upgrade that is taken is fine, and says the time", async () => {
  const date = new Date(Date.now() + 3_600_000).toUTCString();
  const { server, endpoint, asked } = await web(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nDate: ${date}\r\n\r\n`,
  );
  await using _ = server;
  const who = patient(endpoint);
  assert.deepEqual(statuses(await checkUpgrade(who)), ["ok http"]);
  assert.match(
    asked[0] ?? "",
    /^GET \/live\?a=1 HTTP\/1\.1\r\nHost: 127\.0\.0\.1:\d+\r\nUpgrade: websocket\r\n[\s\S]*\r\n\r\n$/,
  );
  assert.ok(who.clock !== undefined && Math.abs(who.clock.aheadMs - 3_600_000) <= who.clock.doubtMs + 1_000);
});

suite("each refusal is explained:", () => {
  const cases: [status: string, says: RegExp, advice: RegExp][] = [
    ["200 OK", /refused: HTTP\/1\.1 200 OK/, /check the path/],
    [
      "301 Moved Permanently\r\nLocation: https://h/\u001b[2J",
      /301 Moved Permanently to https:\/\/h\/\^\[\[2J/,
      /follows no redirect/,
    ],
    ["403 Forbidden", /403/, /origins and hosts/],
    ["404 Not Found", /404/, /no WebSocket at this path/],
    ["418 I'm a teapot", /418/, /takes no WebSocket there/],
    ["503 Service Unavailable", /503/, /the server behind it does not/],
    ["101 Switching Protocols", /101 .*without Upgrade/, /passes the status and not the headers/],
  ];
  for (const [status, says, advice] of cases) {
    test(status.slice(0, 3), async () => {
      const { server, endpoint } = await web(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`);
      await using _ = server;
      const [found] = await checkUpgrade(patient(endpoint));
      assert.equal(found?.status, "failed");
      assert.match(found.says, says);
      assert.match(found.advice ?? "", advice);
    });
  }
});

test("what is no HTTP, and nothing at all, are failures too", async () => {
  const other = await web("220 ready\r\n\r\n");
  await using _ = other.server;
  assert.equal((await checkUpgrade(patient(other.endpoint)))[0]?.says, "the answer is not HTTP");
  const silent = await web("\r\n");
  await using _too = silent.server;
  assert.equal((await checkUpgrade(patient(silent.endpoint)))[0]?.status, "failed");
});

test("other endpoints have no upgrade", async () => {
  assert.deepEqual(await checkUpgrade(patient("tcp://127.0.0.1:1")), []);
});
