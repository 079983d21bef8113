import assert from "node:assert/strict";
import { test } from "node:test";
import { StreamDriver, turns } from "../../src/testing/stream-driver.js";
import type { ByteStream } from "../../src/transport/byte-stream.js";
import { memoryPair } from "../../src/transport/memory.js";

/** A driver whose stream does nothing, for a test that plays the transport's part. */
function idle(bent: Partial<ByteStream> = {}): StreamDriver {
  const { dialer } = memoryPair();
  const stream: ByteStream = {
    id: 1,
    local: dialer.local,
    remote: dialer.remote,
    start() {},
    write: () => true,
    pause() {},
    resume() {},
    end() {},
    abort() {},
    ...bent,
  };
  return new StreamDriver(stream);
}

test("a stream that keeps its contract passes", async () => {
  const pair = memoryPair();
  const [dialer, accepted] = [new StreamDriver(pair.dialer).start(), new StreamDriver(pair.accepted).start()];
  await dialer.write(Uint8Array.of(1, 2));
  assert.deepEqual(await accepted.received(2), Uint8Array.of(1, 2));
  dialer.end();
  await accepted.ended();
  await Promise.all([dialer.release(), accepted.release()]);
  dialer.check();
  accepted.check();
});

test("what was written is spoilt, so that a transport which still reads it is found out", async () => {
  const seen: Uint8Array[] = [];
  const driver = idle({ write: (chunk) => seen.push(chunk) > 0 });
  const mine = Uint8Array.of(1, 2);
  await driver.write(mine);
  assert.deepEqual(mine, Uint8Array.of(1, 2));
  assert.deepEqual(seen[0], Uint8Array.of(0xee, 0xee));
});

test("each breach is noted, and told by check alone", () => {
  const chunk = Uint8Array.of(1);
  const breaches: [RegExp, (driver: StreamDriver) => unknown][] = [
    [/an empty chunk/, (driver) => [driver.onChunk(new Uint8Array(0))]],
    [/a chunk after the end/, (driver) => [driver.onEnd(), driver.onChunk(chunk)]],
    [/a second end/, (driver) => [driver.onEnd(), driver.onEnd()]],
    [/written after closed/, (driver) => [driver.onClosed(), driver.onWritten()]],
    [/closed after closed/, (driver) => [driver.onClosed(), driver.onClosed()]],
  ];
  for (const [told, commit] of breaches) {
    const driver = idle();
    driver.check();
    commit(driver);
    assert.throws(() => driver.check(), told);
  }
});

test("a callback from inside a call is a breach", () => {
  const driver: StreamDriver = idle({ pause: () => driver.onWritten(), resume() {} });
  driver.resume();
  driver.check();
  driver.pause();
  assert.throws(() => driver.check(), /written inside a call to the stream/);
});

test("turns lets what is ready happen", async () => {
  let happened = false;
  setImmediate(() => {
    happened = true;
  });
  await turns(2);
  assert.ok(happened);
});
