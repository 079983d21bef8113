import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import type { Connection } from "../../src/connection/connection.js";
import { serve } from "../../src/connection/serve.js";
import { encodeHandshake } from "../../src/protocol/session/handshake-wire.js";
import { sessionLimits } from "../../src/protocol/session/session-limits.js";
import { encodeReject } from "../../src/protocol/session/words.js";
import { type DialPlan, dialLink } from "../../src/session/dial.js";
import { node } from "../../src/session/on-node.js";
import { plainOptions } from "../../src/testing/open-pair.js";
import { simulate, type World } from "../../src/testing/simulate.js";
import { place, serving } from "../support/sessions.js";

function planFor({ options }: World): DialPlan {
  const { signal: _, ...plain } = plainOptions;
  return {
    endpoint: place,
    dial: node.wayTo(place, { network: options.network }),
    options: { ...plain, clock: options.clock, timeoutMs: 1_000 },
    lingerMs: 500,
    bindingRequired: false,
  };
}

const hello = () => ({ limits: sessionLimits() });
const nobody = () => assert.fail("there is no session");

test("a link is in somebody's hands as soon as the answer is there", () =>
  simulate({}, async (world) => {
    await serving(world);
    const kinds: string[] = [];
    const stop = new AbortController();
    const take = (link: { cut(): void }, { kind }: { readonly kind: string }) => {
      kinds.push(kind);
      link.cut();
    };
    assert.equal(await dialLink(planFor(world), hello, take, stop.signal), undefined);
    assert.deepEqual(kinds, ["welcome"]);
    assert.equal(getEventListeners(stop.signal, "abort").length, 0);
  }));

test("a REJECT is an answer too, and its link is ended in order", () =>
  simulate({}, async (world) => {
    const answer = encodeHandshake("reject", encodeReject({ code: "busy", reason: "full", retryAfterMs: 7 }));
    const server = await serve(
      place,
      async (connection) => {
        await connection.send(answer);
        for await (const _ of connection);
      },
      world.options,
    );
    const rejected = await dialLink(planFor(world), hello, nobody, undefined);
    assert.deepEqual([rejected?.code, rejected?.reason, rejected?.retryAfterMs], ["busy", "full", 7]);
    await world.sleep(1_000);
    assert.equal(server.stats.open, 0);
  }));

test("whatever else happens leaves nothing open", () =>
  simulate({}, async (world) => {
    let act: (connection: Connection<Uint8Array>) => Promise<void> | void = () => {};
    const server = await serve(place, (connection) => act(connection), world.options);
    await assert.rejects(dialLink(planFor(world), hello, nobody, undefined), { code: "ERR_CONNECTION_LOST" });
    act = (connection) => connection.abort();
    await assert.rejects(dialLink(planFor(world), hello, nobody, undefined), {
      code: "ERR_CONNECTION_RESET",
    });
    act = (connection) => connection.closed.then(() => {});
    await assert.rejects(dialLink(planFor(world), hello, nobody, undefined), { code: "ERR_TIMEOUT" });
    const unspeakable = () => ({ limits: sessionLimits(), auth: 1n });
    await assert.rejects(dialLink(planFor(world), unspeakable, nobody, undefined), { name: "UsageError" });
    const stop = new AbortController();
    const asking = () => {
      stop.abort(new Error("in the middle"));
      return hello();
    };
    await assert.rejects(dialLink(planFor(world), asking, nobody, stop.signal), { message: "in the middle" });
    await world.sleep(100);
    assert.equal(server.stats.open, 0);
  }));
