// Listening with Node's own server: what is turned away before anybody sees it, and that this ends nothing else.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mock, test } from "node:test";
import { plainOptions } from "../../src/testing/open-pair.js";
import type { ByteStream } from "../../src/transport/byte-stream.js";
import { nodeListen } from "../../src/transport/node-listener.js";

const kind = {
  endpoint: "tcp://127.0.0.1:0",
  listen: { host: "127.0.0.1", port: 0 },
  endpointOf: (server: net.Server) => `tcp://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
  namesOf: () => ({ local: "tcp://127.0.0.1:1", remote: "tcp://127.0.0.1:2" }),
};

test("a failing accept is a refusal that is told, and the next connection is taken", async () => {
  const spied = mock.method(net, "createServer");
  const refused: string[] = [];
  let onAccepted: (stream: ByteStream) => void = () => {};
  const accepted = new Promise<ByteStream>((resolve) => {
    onAccepted = resolve;
  });
  const options = { ...plainOptions, onRefused: (reason: string) => void refused.push(reason) };
  const listener = await nodeListen(kind, options, (stream) => onAccepted(stream));
  const server = spied.mock.calls[0]?.result as net.Server;
  spied.mock.restore();
  server.emit("error", Object.assign(new Error("accept EMFILE"), { code: "EMFILE" }));
  const [reason = ""] = refused;
  assert.match(reason, /^accept tcp:.*: this process has no descriptor left \(EMFILE\); raise the limit/);
  const client = net.connect((server.address() as net.AddressInfo).port, "127.0.0.1");
  (await accepted).abort();
  client.on("error", () => {}).destroy();
  await listener.close();
});

test("a peer that has gone before it could be looked at is nobody", async () => {
  const listener = await nodeListen({ ...kind, namesOf: () => undefined }, plainOptions, () =>
    assert.fail("nobody was there"),
  );
  const client = net.connect(Number(listener.endpoint.split(":").at(-1)), "127.0.0.1");
  await once(client.resume(), "close");
  await listener.close();
});

test("near the descriptor limit connections are refused, over TCP and Unix sockets alike", () => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-listener-"));
  const source = (path: string) => JSON.stringify(new URL(`../../src/${path}.js`, import.meta.url).href);
  const program = `
    import net from "node:net";
    import { plainOptions } from ${source("testing/open-pair")};
    import { tcp } from ${source("transport/tcp")};
    import { unix } from ${source("transport/unix")};
    for (const [transport, endpoint] of [
      [tcp, { scheme: "tcp", host: "127.0.0.1", port: 0 }],
      [unix, { scheme: "unix", path: ${JSON.stringify(join(folder, "socket"))} }],
    ]) {
      const options = { ...plainOptions, onRefused: (reason) => console.log(endpoint.scheme, reason) };
      const listener = await transport.listen(endpoint, options, () => console.log("taken"));
      const port = Number(listener.endpoint.split(":").at(-1));
      const client = net.connect(endpoint.path ? { path: endpoint.path } : { port, host: "127.0.0.1" });
      client.on("error", () => {}).resume();
      await new Promise((resolve) => client.once("close", resolve));
      await listener.close();
    }`;
  // Node itself has more than sixteen descriptors open.
  const args = [
    "-c",
    'ulimit -n 80 && exec "$0" "$@"',
    process.execPath,
    "--input-type=module",
    "-e",
    program,
  ];
  const output = execFileSync("sh", args, { encoding: "utf8" });
  const why = "the process may open 80 descriptors and keeps 64";
  assert.equal(output, `tcp ${why}\nunix ${why}\n`);
  rmSync(folder, { recursive: true });
});
