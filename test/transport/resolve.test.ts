// From names to addresses: literals stay, families alternate, and a name that leads nowhere says so.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DisconnectedError } from "../../src/core/errors.js";
import { resolve } from "../../src/transport/resolve.js";
import { withNames } from "./names.js";

const context = { op: "connect", endpoint: "tcp://some.test:1" };

test("an address is its own answer, whatever the name service thinks", async () => {
  await withNames({}, async () => {
    assert.deepEqual(await resolve("127.0.0.1", undefined, context), [{ host: "127.0.0.1", family: 4 }]);
    assert.deepEqual(await resolve("::1", undefined, context), [{ host: "::1", family: 6 }]);
    assert.deepEqual(await resolve("fe80::1%lo", 6, context), [{ host: "fe80::1%lo", family: 6 }]);
  });
});

test("families alternate, beginning with the one that the system puts first", async () => {
  const names = {
    "six.test": ["::1", "::2", "::3", "127.0.0.1"],
    "four.test": ["127.0.0.1", "::1", "::2", "127.0.0.2"],
    "rest.test": ["127.0.0.1", "::1", "::2", "::3"],
  };
  const hosts = (name: string, family?: 4 | 6) =>
    withNames(names, async () => (await resolve(name, family, context)).map(({ host }) => host));
  assert.deepEqual(await hosts("six.test"), ["::1", "127.0.0.1", "::2", "::3"]);
  assert.deepEqual(await hosts("four.test"), ["127.0.0.1", "::1", "127.0.0.2", "::2"]);
  assert.deepEqual(await hosts("rest.test"), ["127.0.0.1", "::1", "::2", "::3"]);
  assert.deepEqual(await hosts("four.test", 6), ["::1", "::2"]);
});

test("a name that leads nowhere is told as such, and a dead name service as such", async () => {
  const names = { "mute.test": "EAI_AGAIN", "four.test": ["127.0.0.1"] };
  for (const [host, family, code, reason] of [
    ["nobody.test", undefined, "ERR_HOST_NOT_FOUND", "there is no such host (ENOTFOUND)"],
    ["mute.test", undefined, "ERR_NAME_SERVICE", "the name service does not answer (EAI_AGAIN)"],
    ["four.test", 6, "ERR_HOST_NOT_FOUND", "four.test has no IPv6 address"],
    ["127.0.0.1", 6, "ERR_HOST_NOT_FOUND", "127.0.0.1 has no IPv6 address"],
  ] as const) {
    await assert.rejects(
      withNames(names, () => resolve(host, family, context)),
      (error) => {
        assert.ok(error instanceof DisconnectedError);
        assert.deepEqual(
          [error.code, error.reason, error.op, error.endpoint],
          [code, reason, "connect", "tcp://some.test:1"],
        );
        return true;
      },
    );
  }
});
