import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type DatagramAddress,
  DatagramHandle,
  type DatagramHandleOptions,
} from "../../src/transport/datagram.js";
import { systemCode } from "../../src/transport/system-errors.js";

const plain: DatagramHandleOptions = {
  ipv6Only: false,
  reuseAddress: false,
  broadcast: false,
  multicast: undefined,
  kernelReceiveBytes: undefined,
  kernelSendBytes: undefined,
};
const loopback = { host: "127.0.0.1", family: 4, port: 0 } as const;

/** The next thing that `handle` tells, datagram or error. */
function next(handle: DatagramHandle): Promise<{ data: Uint8Array; from: DatagramAddress } | Error> {
  return new Promise((resolve) => {
    handle.start({
      onDatagram: (data, host, port) => resolve({ data, from: { host, port } }),
      onError: resolve,
    });
  });
}

test("bytes go from address to address, and the receiver may keep them", async () => {
  const [one, two] = [await DatagramHandle.open(loopback, plain), await DatagramHandle.open(loopback, plain)];
  const coming = next(two);
  await one.send(Uint8Array.of(1, 2, 3), two.local);
  assert.deepEqual(await coming, { data: Uint8Array.of(1, 2, 3), from: one.local });
  await Promise.all([one.close(), two.close()]);
});

test("a connected handle needs no address, and is told that nobody listens", async () => {
  const gone = await DatagramHandle.open(loopback, plain);
  const handle = await DatagramHandle.open(loopback, plain);
  await handle.connect(gone.local);
  await gone.close();
  const coming = next(handle);
  await handle.send(Uint8Array.of(1), undefined);
  const told = await coming;
  assert.equal(systemCode(told), "ECONNREFUSED");
  await handle.close();
});

test("a handle that cannot be opened is closed, and says why", async () => {
  const first = await DatagramHandle.open(loopback, plain);
  await assert.rejects(DatagramHandle.open({ ...loopback, port: first.local.port }, plain), {
    code: "EADDRINUSE",
  });
  await first.close();
  const group = { groups: ["239.1.2.3"], interface: "203.0.113.1" };
  await assert.rejects(DatagramHandle.open(loopback, { ...plain, multicast: group }));
  await assert.rejects(DatagramHandle.open({ ...loopback, host: "203.0.113.1" }, plain), {
    code: "EADDRNOTAVAIL",
  });
});

test("a send that fails rejects, and the handle goes on", async () => {
  const handle = await DatagramHandle.open(loopback, {
    ...plain,
    kernelReceiveBytes: 65_536,
    kernelSendBytes: 65_536,
  });
  await assert.rejects(handle.send(new Uint8Array(70_000), handle.local), { code: "EMSGSIZE" });
  const coming = next(handle);
  await handle.send(Uint8Array.of(9), handle.local);
  assert.deepEqual(await coming, { data: Uint8Array.of(9), from: handle.local });
  await handle.close();
});
