// What the HTTP door answers, request by request.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Allowed } from "../../../src/hub/http/allowed.js";
import type { Assets } from "../../../src/hub/http/assets.js";
import { type HttpAnswer, isSessionPath, pathOf, Site, sentence } from "../../../src/hub/http/site.js";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const built: Assets = new Map([
  ["/", { bytes: bytesOf("<!doctype html>"), type: "text/html; charset=utf-8", isHashed: false }],
  ["/assets/index-DiwrgTda.js", { bytes: bytesOf("1"), type: "text/javascript", isHashed: true }],
]);
const allowed = new Allowed({ host: "127.0.0.1", hosts: ["hub.example"], origins: [] });

function site({ assets = built, isDraining = false } = {}): Site {
  return new Site({ allowed, assets, isDraining: () => isDraining });
}

const here = { host: "127.0.0.1:12380" };
const text = ({ body }: HttpAnswer) => new TextDecoder().decode(body);

function ask(url: string, { method = "GET", headers = here as object, of = site() } = {}): HttpAnswer {
  return of.answer({ method, url, headers: { ...headers } });
}

suite("the page", () => {
  test("is served with a policy that lets nothing run but its own files", () => {
    const { status, headers, body } = ask("/?from=a-link");
    assert.equal(status, 200);
    assert.deepEqual(body, bytesOf("<!doctype html>"));
    assert.equal(
      headers["Content-Security-Policy"],
      "default-src 'none'; script-src 'self'; style-src 'self'; " +
        "connect-src 'self' ws://127.0.0.1:12380 wss://127.0.0.1:12380; img-src 'self' data:; " +
        "base-uri 'none'; frame-ancestors 'none'; form-action 'none'",
    );
    assert.equal(headers["X-Content-Type-Options"], "nosniff");
    assert.equal(headers["Referrer-Policy"], "no-referrer");
    assert.equal(headers["Cross-Origin-Opener-Policy"], "same-origin");
    assert.equal(headers["Cross-Origin-Resource-Policy"], "same-origin");
    assert.equal(headers["Cache-Control"], "no-cache");
    for (const name of ["Set-Cookie", "Strict-Transport-Security", "Access-Control-Allow-Origin"]) {
      assert.equal(headers[name], undefined);
    }
  });

  test("has files that may be kept for ever, since their names change with them", () => {
    const { headers } = ask("/assets/index-DiwrgTda.js");
    assert.equal(headers["Cache-Control"], "public, max-age=31536000, immutable");
  });

  test("is answered to HEAD without its body", () => {
    const { headers, body } = ask("/", { method: "HEAD" });
    assert.equal(headers["Content-Length"], "15");
    assert.equal(body.length, 0);
  });

  test("that was not built is said to be so", () => {
    const answer = ask("/", { of: site({ assets: new Map() }) });
    assert.equal(answer.status, 503);
    assert.match(text(answer), /not built.*npm run build/);
  });
});

suite("a path that is none", () => {
  for (const path of [
    "/nothing",
    "/assets/../package.json",
    "/../package.json",
    "/..%2fpackage.json",
    "/%2e%2e/package.json",
    "/assets/index-DiwrgTda.js/",
    "//assets/index-DiwrgTda.js",
    "/assets\\index-DiwrgTda.js",
    "/\0",
    "",
    "*",
    "http://127.0.0.1:12380/",
  ]) {
    test(JSON.stringify(path), () => {
      const answer = ask(path);
      assert.equal(answer.status, 404);
      assert.match(text(answer), /^there is nothing here; the page is at \/\n$/);
    });
  }
});

suite("health", () => {
  test("is fine while the process works, whatever the host is called", () => {
    for (const headers of [{}, { host: "10.0.0.7:80" }])
      assert.equal(ask("/health", { headers }).status, 200);
  });

  test("is ready until the hub drains", () => {
    assert.equal(ask("/ready").status, 200);
    const draining = site({ isDraining: true });
    assert.equal(ask("/ready", { of: draining }).status, 503);
    assert.equal(ask("/health", { of: draining }).status, 200);
  });

  test("is never kept", () => assert.equal(ask("/ready").headers["Cache-Control"], "no-store"));
});

test("where sessions come in says how", () => {
  for (const path of ["/session", "/page"]) {
    const answer = ask(path);
    assert.equal(answer.status, 426);
    assert.equal(answer.headers.Upgrade, "websocket");
    assert.match(text(answer), /^sessions come in here by WebSocket/);
  }
});

test("other methods than GET and HEAD are told which there are", () => {
  for (const method of ["POST", "PUT", "OPTIONS", "\u001b[2J"]) {
    const answer = ask("/", { method });
    assert.equal(answer.status, 405);
    assert.equal(answer.headers.Allow, "GET, HEAD");
    assert.match(text(answer), /^[\x20-\x7e]+\n$/);
  }
});

suite("a host that is not ours", () => {
  test("is refused, and told what to change", () => {
    const answer = ask("/", { headers: { host: "evil.example:12380" } });
    assert.equal(answer.status, 421);
    assert.equal(answer.refusal, 'foreign host "evil.example:12380"');
    assert.match(text(answer), /not known as "evil.example:12380".*--host-name/);
  });

  test("may neither connect, nor do anything where it is shown", () => {
    const headers = { host: "\u001b[2J\u202eevil", upgrade: "websocket" };
    const answer = site().upgradeRefusal({ method: "GET", url: "/page", headers });
    assert.equal(answer?.status, 421);
    assert.equal(answer.refusal, 'foreign host "\\u001b[2J?evil"');
  });
});

suite("an upgrade", () => {
  const refusal = (url: string, headers: object = {}, method = "GET") =>
    site().upgradeRefusal({ method, url, headers: { ...here, ...headers } });

  test("of our own page, or of a program that is no browser, may come in", () => {
    assert.equal(refusal("/session"), undefined);
    assert.equal(refusal("/page?x", { origin: "http://127.0.0.1:12380" }), undefined);
  });

  test("of somebody else's page is refused, and told what to change", () => {
    const answer = refusal("/page", { origin: "https://evil.example" });
    assert.equal(answer?.status, 403);
    assert.equal(answer.refusal, 'foreign origin "https://evil.example"');
    assert.match(text(answer), /--origin/);
  });

  test("elsewhere, or with another method, is none", () => {
    assert.equal(refusal("/")?.status, 404);
    assert.equal(refusal("/session/")?.status, 404);
    assert.equal(refusal("/session", {}, "POST")?.status, 405);
  });
});

test("a sentence is plain text, whose length is its bytes'", () => {
  const { headers } = sentence(200, "é");
  assert.equal(headers["Content-Length"], "3");
  assert.equal(headers["Content-Type"], "text/plain; charset=utf-8");
});

test("a path ends where its query begins", () => {
  assert.equal(pathOf("/page?token=none"), "/page");
  assert.equal(isSessionPath("/page"), true);
  assert.equal(isSessionPath("/pages"), false);
});
