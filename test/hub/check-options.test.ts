// What is wrong with a hub's options.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkOptions } from "../../src/hub/check-options.js";
import type { HubOptions } from "../../src/hub.js";

test("a door in the clear is for this machine, unless its operator means it", () => {
  const open: HubOptions[] = [
    { plain: "tcp://*:0" },
    { endpoints: ["tcp://10.0.0.7:0"] },
    { http: "http://*:0" },
  ];
  for (const options of open) {
    assert.throws(() => checkOptions(options), /in the clear; .*--allow-cleartext/);
    checkOptions({ ...options, allowCleartext: true });
  }
  assert.throws(
    () => checkOptions({ http: "http://*:80" }),
    /listen http:\/\/\*:80: others than this machine/,
  );
});

test("one inside TLS may be for all", () => {
  checkOptions({ endpoints: ["tls://*:7443"], http: "https://*:443" });
});

test("a hub has a door, and nothing that is not built yet", () => {
  assert.throws(() => checkOptions({}), /there is no door/);
  assert.throws(() => checkOptions({ plain: ":0", store: {} } as HubOptions), /store is not built yet/);
  assert.throws(() => checkOptions({ endpoints: ":0" } as unknown as HubOptions), /endpoints is no list/);
});
