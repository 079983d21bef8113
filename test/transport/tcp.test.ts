// TCP under the contracts: both families, and as it is where accepted sockets cannot be taken over.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { formatEndpoint, type InternetEndpoint, parseEndpoint } from "../../src/core/endpoint.js";
import type { LifecycleEvent } from "../../src/core/lifecycle.js";
import { listenerContract } from "../../src/testing/listener-contract.js";
import { openPair, plainOptions } from "../../src/testing/open-pair.js";
import { streamContract } from "../../src/testing/stream-contract.js";
import { StreamDriver } from "../../src/testing/stream-driver.js";
import { tcp } from "../../src/transport/tcp.js";
import { ManualClock } from "../support/manual-clock.js";
import { withNames } from "./names.js";
import { withoutTakeover } from "./takeover.js";

const loopback = { scheme: "tcp", host: "127.0.0.1", port: 0 } as const;
const loopback6 = { scheme: "tcp", host: "::1", port: 0 } as const;
const fallback: typeof tcp = {
  dial: tcp.dial,
  listen: (...args) => withoutTakeover(() => tcp.listen(...args)),
};

for (const [name, transport, endpoint] of [
  ["tcp over IPv4", tcp, loopback],
  ["tcp over IPv6", tcp, loopback6],
  ["tcp without takeover", fallback, loopback],
] as const) {
  streamContract(test, { name, open: () => openPair(transport, endpoint), resets: true });
  listenerContract(test, { name, transport, endpoint: () => endpoint });
}

test("each read takes at most readBytesMax, also where the socket could not be taken over", async () => {
  for (const transport of [tcp, fallback]) {
    const pair = await openPair(transport, loopback, { readBytesMax: 1_000 });
    const dialer = new StreamDriver(pair.dialer).start();
    const accepted = new StreamDriver(pair.accepted);
    const sizes: number[] = [];
    let before = 0;
    accepted.inside.chunk = () => {
      sizes.push(accepted.bytesReceived - before);
      before = accepted.bytesReceived;
      // Between any two pieces the reader may stop, and go on later.
      accepted.pause();
      setImmediate(() => accepted.resume());
    };
    accepted.start();
    const sent = randomBytes(10_500);
    await dialer.write(sent);
    assert.deepEqual(await accepted.received(10_500), new Uint8Array(sent));
    assert.equal(Math.max(...sizes), 1_000);
    await Promise.all([dialer.release(), accepted.release()]);
    accepted.check();
  }
});

test("a name is dialled address by address, and the first that answers wins", async () => {
  await withNames({ "both.test": ["::1", "127.0.0.1"] }, async () => {
    const listener = await tcp.listen(
      loopback,
      plainOptions,
      (stream) => void new StreamDriver(stream).start(),
    );
    const { port } = parseEndpoint(listener.endpoint) as InternetEndpoint;
    const events: LifecycleEvent[] = [];
    const options = { ...plainOptions, observer: (event: LifecycleEvent) => events.push(event) };
    const stream = await tcp.dial({ ...loopback, host: "both.test", port }, options);
    assert.equal(stream.remote, `tcp://127.0.0.1:${port}`);
    assert.deepEqual(
      events.map(({ name, remote, error }) => [name, remote, error?.code]),
      [
        ["created", `tcp://[::1]:${port}`, undefined],
        ["closed", `tcp://[::1]:${port}`, "ERR_CONNECTION_REFUSED"],
        ["created", `tcp://127.0.0.1:${port}`, undefined],
        ["bound", `tcp://127.0.0.1:${port}`, undefined],
      ],
    );
    stream.abort();
    await listener.close();
  });
});

test("when no address answers, the error names each one and why", async () => {
  const closed = await tcp.listen(loopback, plainOptions, () => {});
  const { port } = parseEndpoint(closed.endpoint) as InternetEndpoint;
  await closed.close();
  const names = { "both.test": ["::1", "127.0.0.1"], "one.test": ["127.0.0.1"] };
  const dial = (host: string, options = {}) =>
    withNames(names, () => tcp.dial({ scheme: "tcp", host, port }, { ...plainOptions, ...options }));
  await assert.rejects(dial("both.test"), {
    name: "DisconnectedError",
    code: "ERR_CONNECTION_REFUSED",
    endpoint: `tcp://both.test:${port}`,
    message:
      `connect tcp://both.test:${port}: no address answered ` +
      `(tcp://[::1]:${port}: connection refused (ECONNREFUSED); ` +
      `tcp://127.0.0.1:${port}: connection refused (ECONNREFUSED)); check that something listens there`,
  });
  await assert.rejects(dial("both.test", { family: 4 }), {
    code: "ERR_CONNECTION_REFUSED",
    message: `connect tcp://both.test:${port}: connection refused (ECONNREFUSED); check that something listens there`,
  });
  await assert.rejects(dial("nobody.test"), { code: "ERR_HOST_NOT_FOUND" });
  // TEST-NET-1 (RFC 5737) is no address of this machine.
  await assert.rejects(dial("one.test", { sourceAddress: "192.0.2.1" }), {
    name: "UsageError",
    code: "ERR_ADDRESS_NOT_AVAILABLE",
  });
});

test("a dial that takes too long names every address that it waited for", async () => {
  const names = { "both.test": ["::1", "127.0.0.1"] };
  const clock = new ManualClock();
  const options = { ...plainOptions, clock, timeoutMs: 5_000 };
  const dialing = withNames(names, () => tcp.dial({ scheme: "tcp", host: "both.test", port: 9 }, options));
  const failed = assert.rejects(dialing, {
    name: "TimeoutError",
    timeoutMs: 5_000,
    endpoint: "tcp://both.test:9",
    message: "connect tcp://both.test:9: no answer within 5000 ms from tcp://[::1]:9, tcp://127.0.0.1:9",
  });
  // The name is found within microtasks; the network is asked only when the loop turns.
  for (let microtask = 0; microtask < 20; microtask += 1) await undefined;
  clock.advance(5_000);
  await failed;
  assert.equal(clock.pending, 0);

  const asking = tcp.dial({ scheme: "tcp", host: "slow.test", port: 9 }, options);
  clock.advance(5_000);
  await assert.rejects(asking, {
    message: "connect tcp://slow.test:9: no answer within 5000 ms from the name service about slow.test",
  });
});

test("whenever the abort comes, a dial either succeeds or leaves nothing open", async () => {
  const attempts = 12;
  let closed = 0;
  let onAllClosed = () => {};
  const allClosed = new Promise<void>((resolve) => {
    onAllClosed = resolve;
  });
  const listener = await tcp.listen(loopback, plainOptions, (stream) => {
    const driver = new StreamDriver(stream);
    driver.inside.end = () => stream.end();
    driver.inside.closed = () => {
      closed += 1;
      if (closed === attempts) onAllClosed();
    };
    driver.start();
  });
  const outcomes = new Set<string>();
  for (let microtasks = 0; microtasks < attempts; microtasks += 1) {
    const stop = new AbortController();
    const abortSoon = async () => {
      for (let count = 0; count < microtasks; count += 1) await undefined;
      stop.abort(new Error("too late"));
    };
    const observer = ({ name }: LifecycleEvent) => void (name === "bound" && abortSoon());
    try {
      const at = parseEndpoint(listener.endpoint) as InternetEndpoint;
      const stream = await tcp.dial(at, { ...plainOptions, observer, signal: stop.signal });
      outcomes.add("connected");
      stream.abort();
    } catch (error) {
      assert.equal(error, stop.signal.reason);
      outcomes.add("aborted");
    }
  }
  assert.deepEqual(outcomes, new Set(["aborted", "connected"]));
  await allClosed;
  await listener.close();
});

test("what is for listening only cannot be dialled", async () => {
  await assert.rejects(tcp.dial({ ...loopback, port: 0 }, plainOptions), {
    name: "UsageError",
    message: "connect tcp://127.0.0.1:0: port 0 is for listening only",
  });
  await assert.rejects(tcp.dial({ ...loopback, host: "*", port: 1 }, plainOptions), {
    name: "UsageError",
    message: "connect tcp://*:1: * is for listening only",
  });
});

test("* takes peers of both families, or of the one that is asked for, and names them plainly", async () => {
  const everywhere = { scheme: "tcp", host: "*", port: 0 } as const;
  for (const [family, hosts] of [
    [undefined, ["127.0.0.1", "::1"]],
    [4, ["127.0.0.1"]],
    [6, ["::1"]],
  ] as const) {
    const accepted: string[] = [];
    const listener = await tcp.listen(everywhere, { ...plainOptions, family }, (stream) => {
      accepted.push(stream.local);
      stream.end();
      stream.start(new StreamDriver(stream));
    });
    const { port } = parseEndpoint(listener.endpoint) as InternetEndpoint;
    assert.equal(listener.endpoint, `tcp://*:${port}`);
    for (const host of ["127.0.0.1", "::1"]) {
      const dialing = tcp.dial({ scheme: "tcp", host, port }, plainOptions);
      if (hosts.some((taken) => taken === host)) {
        const driver = new StreamDriver(await dialing).start();
        await driver.ended();
        await driver.release();
      } else await assert.rejects(dialing, { code: "ERR_CONNECTION_REFUSED" });
    }
    assert.deepEqual(
      accepted,
      hosts.map((host) => formatEndpoint({ scheme: "tcp", host, port })),
    );
    await listener.close();
  }
});

test("a listener may be given a name, and an address that is not ours is told", async () => {
  await withNames({ "here.test": ["127.0.0.1", "::1"] }, async () => {
    const listener = await tcp.listen({ ...loopback, host: "here.test" }, plainOptions, () => {});
    assert.match(listener.endpoint, /^tcp:\/\/here\.test:\d+$/);
    await listener.close();
    await assert.rejects(
      tcp.listen({ ...loopback, host: "192.0.2.1" }, plainOptions, () => {}),
      { name: "UsageError", code: "ERR_ADDRESS_NOT_AVAILABLE", endpoint: "tcp://192.0.2.1:0", op: "listen" },
    );
    await assert.rejects(
      tcp.listen({ ...loopback, host: "nobody.test" }, plainOptions, () => {}),
      { code: "ERR_HOST_NOT_FOUND", op: "listen" },
    );
  });
});
