import assert from "node:assert/strict";
import { test } from "node:test";
import { type Page, wakesOf } from "../../src/session/page-wakes.js";

class Tab extends EventTarget {
  readonly document = Object.assign(new EventTarget(), { visibilityState: "visible" });
}

test("a page wakes when it is online, shown or thawed again, and when it is looked at", () => {
  const tab = new Tab();
  let wakes = 0;
  const sleepOn = wakesOf(tab as unknown as Page)(() => {
    wakes += 1;
  });
  for (const name of ["online", "pageshow", "offline", "pagehide"]) tab.dispatchEvent(new Event(name));
  assert.equal(wakes, 2);
  for (const name of ["resume", "visibilitychange", "freeze"]) tab.document.dispatchEvent(new Event(name));
  assert.equal(wakes, 4);
  tab.document.visibilityState = "hidden";
  tab.document.dispatchEvent(new Event("visibilitychange"));
  assert.equal(wakes, 4, "nobody looks at it");
  sleepOn();
  tab.dispatchEvent(new Event("online"));
  tab.document.dispatchEvent(new Event("resume"));
  assert.equal(wakes, 4, "nobody wants to know any more");
});

test("a worker has no document, and wakes when it is online", () => {
  const worker = new EventTarget();
  let wakes = 0;
  const sleepOn = wakesOf(worker as unknown as Page)(() => {
    wakes += 1;
  });
  worker.dispatchEvent(new Event("online"));
  sleepOn();
  assert.equal(wakes, 1);
});
