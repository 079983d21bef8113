// Connections that never come up: each cause has its own error, which says where, why and what to do.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { type Connection, connect, DisconnectedError, lines, serve, UsageError } from "../../src/index.js";
import { needs } from "../support/require.js";
import { Namespace, wire } from "./namespace.js";
import type { ErrorReport } from "./programs/report.js";
import { run } from "./programs.js";

/** Whose rights nobody wants. */
const nobody = "65534";

interface Failed {
  readonly event: string;
  readonly error: ErrorReport;
}

test("where nobody listens the connection is refused, and whoever is served already stays so", async () => {
  await using server = await serve("tcp://127.0.0.1:0", echo, { framing: lines() });
  await using other = await connect(server.endpoint, { framing: lines() });
  for (const host of ["127.0.0.1", "[::1]"]) {
    const closed = await serve(`tcp://${host}:0`, () => {});
    await closed.drain();
    await assert.rejects(connect(closed.endpoint), (error) => {
      assert.ok(error instanceof DisconnectedError);
      assert.equal(error.code, "ERR_CONNECTION_REFUSED");
      assert.equal(
        error.message,
        `connect ${closed.endpoint}: connection refused (ECONNREFUSED); check that something listens there`,
      );
      return true;
    });
  }
  await other.send("still here");
  assert.equal(await other.receive(), "still here");
});

test("a port in use is told as such, and who has it goes on", async () => {
  await using server = await serve("tcp://127.0.0.1:0", echo, { framing: lines() });
  await assert.rejects(
    serve(server.endpoint, () => {}),
    (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(
        error.message,
        `listen ${server.endpoint}: the address is in use (EADDRINUSE); choose another, or 0 for a free port`,
      );
      return true;
    },
  );
  await using client = await connect(server.endpoint, { framing: lines() });
  await client.send("still here");
  assert.equal(await client.receive(), "still here");
});

suite("in a network of its own", needs({ root: true, commands: ["ip", "nft"] }), () => {
  test("a host that is not there is told by the one who knows", async (t) => {
    const host = new Namespace(t);
    host.ip("route", "add", "unreachable", "203.0.113.0/24");
    host.ip("route", "add", "blackhole", "198.51.100.0/24");
    for (const [address, reason] of [
      ["192.0.2.9", "the network cannot be reached (ENETUNREACH)"],
      ["203.0.113.9", "the host cannot be reached (EHOSTUNREACH)"],
      ["198.51.100.9", "the system knows no way to this address (EINVAL)"],
    ]) {
      const { error } = await host.run(t, "dial", `tcp://${address}:7`).json<Failed>();
      const advice = "check the address, the route and the firewalls between";
      assert.deepEqual(error, {
        name: "DisconnectedError",
        code: "ERR_UNREACHABLE",
        endpoint: `tcp://${address}:7`,
        advice,
        message: `connect tcp://${address}:7: ${reason}; ${advice}`,
      });
    }
  });

  test("a name that does not exist is not a name service that does not answer", async (t) => {
    const host = new Namespace(t);
    host.etc("resolv.conf", "nameserver 127.0.0.1\noptions attempts:1 timeout:1\n");
    const silent = await host.run(t, "dial", "tcp://nobody.test:7").json<Failed>();
    assert.deepEqual([silent.error.name, silent.error.code], ["DisconnectedError", "ERR_NAME_SERVICE"]);
    await host.run(t, "nxdomain").line();
    const { error } = await host.run(t, "dial", "tcp://nobody.test:7").json<Failed>();
    assert.deepEqual(error, {
      name: "DisconnectedError",
      code: "ERR_HOST_NOT_FOUND",
      endpoint: "tcp://nobody.test:7",
      advice: "check the spelling of the name",
      message:
        "connect tcp://nobody.test:7: there is no such host (ENOTFOUND); check the spelling of the name",
    });
  });

  test("behind a firewall that drops, the time runs out, and each address tried is named", async (t) => {
    const { near, far } = wire(t);
    far.drops("tcp dport 7000");
    near.etc("hosts", "192.0.2.2 far\n2001:db8::2 far\n");
    const { error } = await near.run(t, "dial", "tcp://far:7000", { timeoutMs: 500 }).json<Failed>();
    assert.equal(error.name, "TimeoutError");
    assert.equal(error.code, "ERR_TIMEOUT");
    assert.equal(error.endpoint, "tcp://far:7000");
    assert.match(error.message, /^connect tcp:\/\/far:7000: no answer within 500 ms from /);
    assert.match(error.message, /tcp:\/\/192\.0\.2\.2:7000/);
    assert.match(error.message, /tcp:\/\/\[2001:db8::2\]:7000/);
  });

  test("a name whose IPv6 is dead connects by IPv4, long before the time runs out", async (t) => {
    const { near, far } = wire(t);
    far.drops("meta nfproto ipv6 tcp dport 7000");
    await far.run(t, "listen", "*:7000").line();
    near.etc("hosts", "2001:db8::2 far\n192.0.2.2 far\n");
    const dialer = near.run(t, "dial", "tcp://far:7000", { timeoutMs: 60_000 });
    const { event, remote } = await dialer.json<{ event: string; remote: string }>();
    assert.deepEqual([event, remote], ["open", "tcp://192.0.2.2:7000"]);
    dialer.write("hello\n");
    assert.deepEqual(await dialer.json(), { event: "line", line: "hello" });
  });

  test("* without IPv6 is every IPv4 interface", async (t) => {
    const host = new Namespace(t);
    host.withoutIpv6();
    const listening = await host.run(t, "listen", "*:7000").json();
    assert.deepEqual(listening, { event: "listening", endpoint: "tcp://*:7000" });
    const open = await host.run(t, "dial", "127.0.0.1:7000").json<{ event: string }>();
    assert.equal(open.event, "open");
  });

  test("a port below 1024 is not for everybody", async (t) => {
    const { error } = await new Namespace(t)
      .run(t, "listen", "tcp://127.0.0.1:80", {}, nobody)
      .json<Failed>();
    assert.deepEqual(error, {
      name: "UsageError",
      code: "ERR_PERMISSION",
      endpoint: "tcp://127.0.0.1:80",
      advice: "choose a port above 1023, or check whose path it is",
      message:
        "listen tcp://127.0.0.1:80: permission denied (EACCES); choose a port above 1023, or check whose path it is",
    });
  });

  test("nor is a path in somebody else's folder, to dial or to listen on", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "holdfast-private-"));
    t.after(() => rmSync(folder, { recursive: true }));
    await using server = await serve(`unix:${folder}/taken`, () => {});
    for (const [program, endpoint, op] of [
      ["dial", server.endpoint, "connect"],
      ["listen", server.endpoint, "listen"],
      ["listen", `unix:${folder}/free`, "listen"],
    ] as const) {
      const { error } = await run(t, program, endpoint, {}, nobody).json<Failed>();
      assert.deepEqual([error.name, error.code, error.endpoint], ["UsageError", "ERR_PERMISSION", endpoint]);
      assert.match(error.message, new RegExp(`^${op} ${endpoint}: permission denied \\(EACCES\\); `));
    }
    assert.equal(server.stats.accepted, 0);
  });
});

async function echo(connection: Connection<string>): Promise<void> {
  for await (const line of connection) await connection.send(line);
}
