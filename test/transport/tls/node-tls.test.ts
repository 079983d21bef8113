// Loading Node's TLS: when it is used, and not before.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

test("what TLS needs is loaded when it is used, and not before", () => {
  const program = `
    const { connect } = await import(${JSON.stringify(new URL("../../../src/index.js", import.meta.url).href)});
    const loaded = () => ["tls", "crypto", "http"].filter((name) => process.moduleLoadList.includes("NativeModule " + name)).join();
    await connect("tcp://127.0.0.1:1").catch(() => {});
    const before = loaded();
    await connect("tls://127.0.0.1:1").catch(() => {});
    console.log(JSON.stringify([before, loaded()]));`;
  const args = ["--input-type=module", "-e", program];
  assert.deepEqual(JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })), [
    "",
    "tls,crypto",
  ]);
});
