import assert from "node:assert/strict";
import { test } from "node:test";

import { checkProxies } from "../../../src/cli/doctor/proxies.js";
import { patient, statuses } from "./patients.js";

const far = "tcp://192.0.2.7:443";

test("a proxy that the environment names is told of, without its password", async () => {
  const env = {
    HTTPS_PROXY: "http://ada:secret@proxy.test:3128/",
    all_proxy: "socks5://socks.test:1080",
    HTTP_PROXY: "",
  };
  const [found] = await checkProxies(patient(far, { env }));
  assert.equal(found?.status, "warning");
  assert.ok(found.says.endsWith("ALL_PROXY (socks.test:1080), HTTPS_PROXY (proxy.test:3128)"), found.says);
});

test("no proxy is fine, and this machine is reached without one", async () => {
  assert.deepEqual(statuses(await checkProxies(patient(far))), ["ok network"]);
  const env = { HTTPS_PROXY: "http://proxy.test:3128" };
  assert.deepEqual(await checkProxies(patient(":1", { env })), []);
  assert.deepEqual(await checkProxies(patient("unix:/a", { env })), []);
});
