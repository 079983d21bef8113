// A hub for a test, in memory unless it says otherwise, whose time stands still unless the test waits for something.

import { setImmediate as turn } from "node:timers/promises";
import { createHub, type Hub, type HubEvent, type HubOptions } from "../../../src/hub.js";
import { type Connection, type ConnectOptions, connect } from "../../../src/index.js";
import { lines } from "../../../src/protocol/framing/lines.js";
import { ManualClock } from "../../support/manual-clock.js";

let lastName = 0;

export interface TestHub extends AsyncDisposable {
  readonly hub: Hub;
  readonly clock: ManualClock;
  readonly events: HubEvent[];
  /** Comes in and reads its greeting. */
  enter(options?: ConnectOptions<string>): Promise<Connection<string>>;
  /** The outcome of `work`, with time running until it is there. */
  inTime<T>(work: Promise<T>): Promise<T>;
}

export async function testHub(options: Partial<HubOptions> = {}): Promise<TestHub> {
  const clock = new ManualClock();
  const events: HubEvent[] = [];
  lastName += 1;
  const hub = await createHub({
    plain: `memory:hub-${lastName}`,
    clock,
    onEvent: (event) => events.push(event),
    ...options,
  });
  const inTime = async <T>(work: Promise<T>): Promise<T> => {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    work.then(settle, settle);
    while (!settled) {
      await turn();
      clock.advance(20);
    }
    return work;
  };
  return {
    hub,
    clock,
    events,
    inTime,
    async enter(more = {}) {
      const member = await connect(hub.plain, { framing: lines(), ...more });
      await inTime(heard(member, /^guide: welcome/));
      return member;
    },
    async [Symbol.asyncDispose]() {
      await inTime(hub.close());
    },
  };
}

/** The lines up to the first one that matches. @throws Error if the connection, or session, ends before it. */
export async function heard(member: AsyncIterable<string>, wanted: RegExp): Promise<string[]> {
  const all: string[] = [];
  for await (const line of member) {
    all.push(line);
    if (wanted.test(line)) return all;
  }
  throw new Error(`ended before ${wanted}; heard: ${all.join(" | ")}`);
}
