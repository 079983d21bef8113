// The experiment with life, beside what the kernel says of the same sockets.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { suite, test } from "node:test";

import { runLife } from "../../../src/hub/lab/life.js";
import type { LabEvent, LifeSides, LifeStep } from "../../../src/hub/lab/messages.js";
import { abortedAt, closesAll, Events, openHandles } from "./support/watched.js";

const noTable = existsSync("/proc/net/tcp") ? false : "this system has no table of its sockets";

/** `ESTABLISHED` of whoever has `local` and `remote`, read here and now. */
function inKernel(local: number, remote: number): string {
  const states = ["ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE"];
  const named = [...states, "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING"];
  const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, "0");
  const row = readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .find((cells) => cells[1]?.endsWith(`:${hex(local)}`) && cells[2]?.endsWith(`:${hex(remote)}`));
  return row === undefined ? "none" : (named[Number.parseInt(row[3] ?? "", 16) - 1] ?? "?");
}

const portOf = (endpoint: string | undefined) => Number(endpoint?.split(":").at(-1) ?? 0);

/** Runs the steps; after each, how the three stand, in our words and in the kernel's. */
async function lived(
  ...steps: LifeStep[]
): Promise<{ readonly stood: string[]; readonly events: Events<"life"> }> {
  const before = openHandles();
  const events = new Events<"life">();
  const stood: string[] = [];
  await runLife({ steps }, (event) => {
    events.emit(event);
    if (event.event !== "happened" || event.data.step === undefined) return;
    const { sides } = event.data;
    stood.push(`${event.data.step}: ${shown(sides)}`);
    if (noTable === false) agrees(sides);
  });
  await closesAll(before);
  return { stood, events };
}

function shown({ client, server }: LifeSides): string {
  return [client, server].map(({ state, kernel }) => `${state} ${kernel}`).join(", ");
}

/** The kernel still says what it said for the event: a step is told only when it stands still. */
function agrees({ listener, client, server }: LifeSides): void {
  const port = portOf(listener.local);
  const clientPort = portOf(client.local);
  if (port !== 0) assert.equal(listener.kernel, inKernel(port, 0));
  if (clientPort === 0) return;
  assert.equal(client.kernel, inKernel(clientPort, port));
  assert.equal(server.kernel, inKernel(port, clientPort));
}

suite("both sides and the kernel", { skip: noTable }, () => {
  test("a whole life, with the client ending first", async () => {
    const { stood } = await lived(
      "listen",
      "connect",
      "accept",
      "client-sends",
      "server-replies",
      "client-ends",
      "server-replies",
      "server-ends",
    );
    assert.deepEqual(stood, [
      "listen: none none, none none",
      "connect: open ESTABLISHED, waiting ESTABLISHED",
      "accept: open ESTABLISHED, open ESTABLISHED",
      "client-sends: open ESTABLISHED, open ESTABLISHED",
      "server-replies: open ESTABLISHED, open ESTABLISHED",
      "client-ends: ended-here FIN_WAIT2, ended-there CLOSE_WAIT",
      "server-replies: ended-here FIN_WAIT2, ended-there CLOSE_WAIT",
      "server-ends: closed TIME_WAIT, closed none",
    ]);
  });

  test("closing from the server's side leaves TIME_WAIT there", async () => {
    const { stood } = await lived("listen", "connect", "accept", "server-closes", "client-closes");
    assert.deepEqual(stood.slice(-2), [
      "server-closes: ended-there CLOSE_WAIT, ended-here FIN_WAIT2",
      "client-closes: closed none, closed TIME_WAIT",
    ]);
  });

  test("a reset ends both at once, and nothing waits", async () => {
    const { stood, events } = await lived("listen", "connect", "accept", "client-resets");
    assert.equal(stood.at(-1), "client-resets: closed none, closed none");
    assert.match(events.texts(), /server happened: server: closed: the peer reset the connection/);
  });

  test("a listener that does not accept: the kernel answers for it, until its queue is full", async () => {
    const { events } = await lived("fill-backlog");
    const [backlog] = events.of("backlog");
    const { open = 0, unanswered = 0, tried, kernel = {}, queued } = backlog ?? {};
    // A queue of n holds n + 1 on Linux.
    assert.equal(open, 3);
    assert.equal(open + unanswered, tried);
    assert.deepEqual(kernel, { ESTABLISHED: 3, SYN_SENT: 3 });
    assert.equal(queued, 3);
  });
});

test("what is sent before accept waits, and is read once the server accepts", async () => {
  const { events } = await lived("listen", "connect", "client-sends", "accept", "client-ends");
  const texts = events.texts();
  assert.match(texts, /client-sends: sent "hello 1"; it waits in the kernel until the server accepts/);
  assert.ok(texts.indexOf('receive gave "hello 1"') > texts.indexOf("client-sends:"));
});

test("a second connection after the first has closed", async () => {
  const { events } = await lived(
    "listen",
    "connect",
    "accept",
    "client-resets",
    "connect",
    "accept",
    "client-sends",
  );
  assert.deepEqual(events.of("refused"), []);
  assert.match(events.texts(), /client-sends: sent "hello 1", and the server has read it/);
});

suite("a step that cannot be done is explained, and changes nothing", () => {
  const cases: [steps: LifeStep[], says: RegExp][] = [
    [["connect"], /nobody listens yet/],
    [["accept"], /no listener to accept from/],
    [["listen", "accept"], /nobody has connected/],
    [["listen", "listen"], /listens already/],
    [["client-sends"], /the client is not connected/],
    [["listen", "connect", "server-replies"], /must accept one first/],
    [["listen", "connect", "connect"], /connected already/],
    [["listen", "connect", "accept", "client-ends", "client-sends"], /after FIN nothing more can be sent/],
    [["listen", "connect", "accept", "client-ends", "client-ends"], /the client has ended already/],
    [["listen", "connect", "accept", "client-resets", "client-closes"], /the client has closed already/],
    [["listen", "connect", "accept", "client-resets", "client-resets"], /the client has closed already/],
    [["listen", "connect", "client-resets", "connect"], /the server still has its end/],
  ];
  for (const [steps, says] of cases) {
    test(steps.join(", "), async () => {
      const { events, stood } = await lived(...steps);
      const last = events.all.at(-2) as LabEvent<"life">;
      assert.equal(last.event, "refused");
      assert.match(last.text, says);
      assert.equal(stood.length, steps.length - 1);
    });
  }
});

test("steps by hand follow the order's; what is no step is said to be none; then it ends", async () => {
  const before = openHandles();
  const events = new Events<"life">();
  async function* steps() {
    yield "connect";
    yield "\u001b[2J";
    yield { step: "accept" };
    yield "accept";
  }
  await runLife({ steps: ["listen"] }, events.emit, { steps: steps() });
  assert.deepEqual(
    events.of("happened").flatMap(({ step }) => step ?? []),
    ["listen", "connect", "accept"],
  );
  assert.deepEqual(
    events.of("refused").map(({ step }) => step),
    ['"\\u001b[2J"', '"[object Object]"'],
  );
  assert.equal(events.all.at(-1)?.event, "ended");
  await closesAll(before);
});

test("of steps without end only so many are done", async () => {
  let asked = 0;
  async function* steps() {
    for (;;) {
      asked += 1;
      yield "accept";
    }
  }
  await runLife({ steps: [] }, () => {}, { steps: steps() });
  assert.equal(asked, 200);
});

suite("aborted half-way it leaves nothing open", () => {
  const steps: LifeStep[] = ["listen", "connect", "accept", "client-sends", "server-ends", "fill-backlog"];
  for (const n of [1, 2, 3, 6, 9]) {
    test(`at event ${n}`, () => abortedAt<"life">(n, (emit, signal) => runLife({ steps }, emit, { signal })));
  }

  test("while it waits for a step by hand", async () => {
    const before = openHandles();
    const stop = new AbortController();
    let isReturned = false;
    const steps: AsyncIterable<unknown> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => setImmediate(() => stop.abort(new Error("left the page")))),
        return: async () => {
          isReturned = true;
          return { done: true, value: undefined };
        },
      }),
    };
    await assert.rejects(
      runLife({ steps: ["listen", "connect"] }, () => {}, { signal: stop.signal, steps }),
      {
        message: "left the page",
      },
    );
    assert.ok(isReturned);
    await closesAll(before);
  });

  test("while the listener that does not accept is called", async () => {
    const before = openHandles();
    const stop = new AbortController();
    const running = runLife({ steps: ["fill-backlog"] }, () => {}, { signal: stop.signal });
    await new Promise(setImmediate);
    stop.abort(new Error("enough"));
    await assert.rejects(running, { message: "enough" });
    await closesAll(before);
  });
});
