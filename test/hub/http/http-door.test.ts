// The HTTP door on real sockets.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { pathToFileURL } from "node:url";
import { systemClock } from "../../../src/core/clock.js";
import type { LifecycleEvent } from "../../../src/core/lifecycle.js";
import { HttpDoor, type HttpDoorOptions } from "../../../src/hub/http/http-door.js";
import { request, upgradeHeaders } from "../../support/raw-http.js";

interface Cleanup {
  after(step: () => Promise<void> | void): void;
}

async function doorOf(t: Cleanup, more: Partial<HttpDoorOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "page-"));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "assets"));
  writeFileSync(join(folder, "index.html"), "<!doctype html>");
  writeFileSync(join(folder, "assets/index-DiwrgTda.js"), "const big = 1;");
  const events: LifecycleEvent[] = [];
  const door = await HttpDoor.open({
    url: "http://127.0.0.1:0",
    pageFolder: pathToFileURL(`${folder}/`),
    observer: (event) => events.push(event),
    clock: systemClock,
    ...more,
  });
  t.after(() => door.close());
  return { door, events };
}

test("it serves the page, its files and the hub's health", async (t) => {
  const { door } = await doorOf(t);
  assert.match(door.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  const page = await request(door.url, "/");
  assert.equal(page.body, "<!doctype html>");
  assert.match(
    page.headers["content-security-policy"] ?? "",
    /connect-src 'self' ws:\/\/127\.0\.0\.1:\d+ wss:/,
  );
  const file = await request(door.url, "/assets/index-DiwrgTda.js");
  assert.equal(file.headers["cache-control"], "public, max-age=31536000, immutable");
  const head = await request(door.url, "/", {}, "HEAD");
  assert.deepEqual([head.status, head.headers["content-length"], head.body], [200, "15", ""]);
  assert.equal((await request(door.url, "/health", { Host: "10.1.2.3" })).body, "ok\n");
});

test("one connection asks for one file after another", async (t) => {
  const { door } = await doorOf(t);
  for (const path of ["/", "/health", "/ready", "/assets/index-DiwrgTda.js"]) {
    assert.equal((await fetch(`${door.url}${path}`)).status, 200);
  }
});

test("what comes with another method is not read", async (t) => {
  const { door } = await doorOf(t);
  const answer = await request(door.url, "/", { Connection: "keep-alive", "Content-Length": "1000" }, "POST");
  assert.equal(answer.status, 405);
  assert.equal(answer.headers.connection, "close");
});

suite("an upgrade", () => {
  test("of a foreign page, or to a foreign name, is refused, counted and told of", async (t) => {
    const { door, events } = await doorOf(t);
    const evil = await request(door.url, "/page", { ...upgradeHeaders, Origin: "https://evil.example" });
    assert.equal(evil.status, 403);
    assert.match(evil.body, /--origin/);
    const rebound = await request(door.url, "/page", { ...upgradeHeaders, Host: "evil.example" });
    assert.equal(rebound.status, 421);
    assert.equal(door.stats.refused, 2);
    assert.deepEqual(
      events.filter(({ name }) => name === "refused").map(({ reason }) => reason),
      ['HTTP 403: foreign origin "https://evil.example"'],
      "told once a second at most",
    );
  });

  test("elsewhere, or to another protocol, is answered like any request", async (t) => {
    const { door } = await doorOf(t);
    assert.equal((await request(door.url, "/chat", upgradeHeaders)).status, 404);
    const http2 = await request(door.url, "/health", { Connection: "Upgrade", Upgrade: "h2c" });
    assert.deepEqual([http2.status, http2.body], [200, "ok\n"]);
  });

  test("that is let in goes to whoever attached, with what came behind it", async (t) => {
    const { door } = await doorOf(t);
    const came = new Promise<string>((resolve) => {
      door.upgrades.on("upgrade", ({ url }, socket) => {
        socket.end("HTTP/1.1 101 Switching Protocols\r\n\r\n");
        resolve(url ?? "");
      });
    });
    const answer = await request(door.url, "/session?x=1", upgradeHeaders);
    assert.equal(answer.status, 101);
    assert.equal(await came, "/session?x=1");
  });

  test("while it drains is for those who come back", async (t) => {
    const { door } = await doorOf(t);
    door.drain();
    assert.equal((await request(door.url, "/ready")).status, 503);
    const late = await request(door.url, "/session", upgradeHeaders);
    assert.deepEqual([late.status, late.headers["retry-after"]], [503, "5"]);
    door.mayResume = (path) => path === "/session";
    door.upgrades.on("upgrade", (_request, socket) => socket.end("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
    assert.equal((await request(door.url, "/session", upgradeHeaders)).status, 101);
    assert.equal((await request(door.url, "/page", upgradeHeaders)).status, 503);
  });
});
