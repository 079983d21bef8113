import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import net from "node:net";
import { test } from "node:test";

import { kernelSockets, parse } from "../../../src/hub/lab/kernel.js";

test("a row of the kernel's table", () => {
  const row =
    "   0: 0100007F:3039 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 1 1 0";
  assert.deepEqual(parse(row), { localPort: 12_345, remotePort: 0, state: "LISTEN", queued: 3 });
  const six =
    "   1: 00000000000000000000000001000000:1F90 00000000000000000000000001000000:C001 01 00000000:00000000 00:0";
  assert.deepEqual(parse(six), { localPort: 8_080, remotePort: 49_153, state: "ESTABLISHED", queued: 0 });
  assert.equal(parse("  sl  local_address rem_address   st tx_queue rx_queue"), undefined);
  assert.equal(parse(""), undefined);
});

test("a listener is found by its port, where the system tells", async () => {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  const sockets = await kernelSockets(port);
  server.close();
  const told = existsSync("/proc/net/tcp");
  // What is left of others' connections may have the same port.
  const listening = sockets?.filter(({ state }) => state === "LISTEN");
  assert.deepEqual(
    listening?.map(({ localPort }) => localPort),
    told ? [port] : undefined,
  );
});
