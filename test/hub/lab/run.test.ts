import assert from "node:assert/strict";
import { test } from "node:test";

import { TimeoutError } from "../../../src/core/errors.js";
import { type Run, runExperiment } from "../../../src/hub/lab/run.js";

type Body = (run: Run<"cut">) => Promise<void>;
const runs = (body: Body, emit: (event: unknown) => unknown = () => {}, signal?: AbortSignal) =>
  runExperiment("cut", emit, { signal }, body);

test("what was kept is closed at the end, last opened first, and what comes late at once", async () => {
  const closed: string[] = [];
  let late: Run<"cut"> | undefined;
  await runs(async (run) => {
    late = run;
    run.keep(() => closed.push("first"));
    run.keep(() => closed.push("second"));
  });
  assert.deepEqual(closed, ["second", "first"]);
  late?.keep(() => closed.push("late"));
  assert.deepEqual(closed, ["second", "first", "late"]);
});

test("one that cannot be closed keeps none of the others open", async () => {
  const closed: string[] = [];
  await runs(async (run) => {
    run.keep(() => closed.push("first"));
    run.keep(() => {
      throw new Error("stuck");
    });
    run.keep(async () => {
      throw new Error("stuck later");
    });
  });
  assert.deepEqual(closed, ["first"]);
});

test("a body that fails, and a listener that fails, close it too", async () => {
  const closed: string[] = [];
  await assert.rejects(
    runs(async (run) => {
      run.keep(() => closed.push("body"));
      throw new Error("failed");
    }),
    { message: "failed" },
  );
  await assert.rejects(
    runs(
      async (run) => {
        run.keep(() => closed.push("emit"));
        await run.tell("network", "resuming" as never, "", { reason: "" } as never);
      },
      () => {
        throw new Error("nobody listens");
      },
    ),
    { message: "nobody listens" },
  );
  assert.deepEqual(closed, ["body", "emit"]);
});

test("a signal that is aborted before opens nothing", async () => {
  const reason = new Error("too late");
  await assert.rejects(
    runs(() => assert.fail("it ran"), undefined, AbortSignal.abort(reason)),
    reason,
  );
});

test("events wait for each other", async () => {
  const order: string[] = [];
  const emit = async (event: unknown) => {
    const { text } = event as { readonly text: string };
    order.push(`begins ${text}`);
    await new Promise(setImmediate);
    order.push(`ends ${text}`);
  };
  await runs(async (run) => {
    void run.tell("client", "resumed", "1", {});
    await run.tell("client", "resumed", "2", {});
  }, emit);
  assert.deepEqual(order, ["begins 1", "ends 1", "begins 2", "ends 2"]);
});

test("a pause and a look end with the run", async () => {
  const stop = new AbortController();
  const reason = new Error("enough");
  setImmediate(() => stop.abort(reason));
  await assert.rejects(
    runs((run) => run.pause(1_000_000), undefined, stop.signal),
    reason,
  );
  await runs(async (run) => {
    assert.equal(await run.until(() => false, 1), false);
    assert.equal(await run.until(() => true, 1), true);
  });
});

test("one that takes too long is ended, and says so", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const running = runs((run) => run.pause(2 ** 30));
  t.mock.timers.tick(600_000);
  await assert.rejects(
    running,
    (error) => error instanceof TimeoutError && /took 600000 ms/.test(error.message),
  );
});

test("one whose events nobody takes ends all the same once it is stopped", async () => {
  const stop = new AbortController();
  const closed: string[] = [];
  const running = runs(
    async (run) => {
      run.keep(() => closed.push("socket"));
      await run.tell("client", "resumed", "", {});
    },
    () => {
      setImmediate(() => stop.abort(new Error("out of time")));
      return new Promise(() => {});
    },
    stop.signal,
  );
  await assert.rejects(running, { message: "out of time" });
  assert.deepEqual(closed, ["socket"]);
});
