import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { dialingTls, listeningTls } from "../../../src/cli/talk/tls.js";

/** What is said meanwhile. */
function warnings(): { readonly said: string[]; readonly warn: (text: string) => void } {
  const said: string[] = [];
  return { said, warn: (text) => said.push(text) };
}

test("what is said of TLS is passed on, and nothing else", () => {
  const { said, warn } = warnings();
  assert.deepEqual(dialingTls(["tls://h:1"], { verify: true, ca: undefined }, warn), { tls: {} });
  const choice = { ca: "ca.pem", cert: "a.pem", key: "a.key", crl: "crl.pem", serverName: "h", alpn: ["x"] };
  assert.deepEqual(dialingTls(["wss://h:1"], { ...choice, verify: true }, warn), { tls: choice });
  assert.deepEqual(said, []);
});

test("--no-verify is warned of", () => {
  const { said, warn } = warnings();
  assert.deepEqual(dialingTls(["tls://h:1"], { verify: false }, warn), { tls: { verify: false } });
  assert.match(said.join(), /^--no-verify takes any certificate/);
});

test("what listens and is told whom to trust wants a certificate of every client", () => {
  const { warn } = warnings();
  const own = { cert: "a.pem", key: "a.key" };
  assert.deepEqual(listeningTls("tls://:0", own, warn), { tls: own });
  const mutual = { tls: { ...own, ca: "ca.pem", clientCertificate: "require" } };
  assert.deepEqual(listeningTls("tls://:0", { ...own, ca: "ca.pem" }, warn), mutual);
});

test("what listens inside TLS needs a certificate and its key, and is told which options give them", () => {
  const { warn } = warnings();
  const listening = (choice: object) => () => listeningTls("tls://127.0.0.1:0", choice, warn);
  assert.throws(listening({}), /--cert and --key are missing; give both; holdfast cert makes a pair/);
  assert.throws(listening({ cert: "a.pem" }), /--key is missing/);
  assert.throws(listening({ key: "a.key" }), /--cert is missing/);
});

suite("in the clear", () => {
  test("nothing is passed on, and an option that meant to encrypt is told of", () => {
    const { said, warn } = warnings();
    assert.deepEqual(dialingTls([":1"], { ca: "ca.pem", verify: true }, warn), {});
    assert.deepEqual(listeningTls("unix:/a", { cert: "a.pem" }, warn), {});
    assert.deepEqual(dialingTls(["ws://h:1/"], { verify: false }, warn), {});
    assert.deepEqual(dialingTls(["ws://h:1/"], { serverName: "h" }, warn), {});
    assert.deepEqual(said, [
      "--ca is for tls:// and wss://, and tcp://127.0.0.1:1 is in the clear",
      "--cert is for tls:// and wss://, and unix:/a is in the clear",
      "--no-verify is for tls:// and wss://, and ws://h:1/ is in the clear",
      "--server-name is for tls:// and wss://, and ws://h:1/ is in the clear",
    ]);
  });

  test("nobody is warned who said nothing of it, or has one end that is not", () => {
    const { said, warn } = warnings();
    assert.deepEqual(dialingTls([":1"], { verify: true }, warn), {});
    assert.deepEqual(dialingTls([":1", "tls://h:1"], { ca: "ca.pem" }, warn), { tls: { ca: "ca.pem" } });
    assert.deepEqual(said, []);
  });
});
