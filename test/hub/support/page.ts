// A page's door in memory, in virtual time, and pages that come to it as a browser's code would.

import { AdminGuard } from "../../../src/hub/admin-guard.js";
import type { HubEvent } from "../../../src/hub/events.js";
import { LabDesk, type LabRunner } from "../../../src/hub/lab-desk.js";
import { Ledger } from "../../../src/hub/live/ledger.js";
import { Live } from "../../../src/hub/live/live.js";
import { Pace } from "../../../src/hub/pace.js";
import type { LiveMessage, LiveSnapshot, RoomMessage } from "../../../src/hub/page/messages.js";
import { type PageHall, pageDoorLimits, visitByPage } from "../../../src/hub/page/page-door.js";
import { Room } from "../../../src/hub/room.js";
import { Visitors } from "../../../src/hub/visitors.js";
import { type Encoding, json, openSession, type Session, serveSessions } from "../../../src/index.js";
import type { SessionStream } from "../../../src/session/stream.js";
import { simulate, type World } from "../../../src/testing.js";

/** Messages are whatever JSON they are: hostile ones too. */
export type Page = Session<unknown, RoomMessage>;

export interface PageStory {
  readonly world: World;
  readonly hall: PageHall;
  readonly events: HubEvent[];
  /** Comes in and reads its welcome. */
  enter(): Promise<Page>;
}

export const adminCode = "correct horse battery";

export function inPage(
  story: (story: PageStory) => Promise<void>,
  { runner = async () => {} }: { readonly runner?: LabRunner } = {},
): Promise<void> {
  return simulate({}, async (world) => {
    const { clock } = world;
    const events: HubEvent[] = [];
    const onEvent = (event: HubEvent) => void events.push(event);
    const room = new Room({ historyMax: 20, noticesMax: 100, onEvent });
    const visitors = new Visitors();
    const ledger = new Ledger(clock);
    const totals = () => ({
      open: 0,
      sessions: 0,
      accepted: 0,
      refused: 0,
      members: room.size,
      ...visitors.moved,
    });
    const guard = new AdminGuard(adminCode, clock);
    const hall: PageHall = {
      room,
      visitors,
      pace: new Pace(1e9, clock.now()),
      paceBytes: 1e6,
      clock,
      onEvent,
      lineBytesMax: 8_192,
      live: new Live({ ledger, visitors, totals, clock, guard }),
      lab: new LabDesk(runner),
    };
    const observer = ledger.observer("http");
    await using _server = await serveSessions(
      "memory:page",
      (session, { signal }) => visitByPage(session, hall, signal),
      { ...world.options, observer, limits: pageDoorLimits },
    );
    const enter = async () => {
      const encoding = json() as Encoding<unknown> as Encoding<unknown, RoomMessage>;
      const page: Page = await openSession("memory:page", { encoding, ...world.options });
      await told(page, "welcome");
      return page;
    };
    await story({ world, hall, events, enter });
  });
}

/** The first message of that type, and those before it forgotten. */
export async function told<Type extends RoomMessage["type"]>(
  page: AsyncIterable<RoomMessage>,
  type: Type,
): Promise<Extract<RoomMessage, { readonly type: Type }>> {
  for await (const message of page) {
    if (message.type === type) return message as Extract<RoomMessage, { readonly type: Type }>;
  }
  throw new Error(`ended before ${type}`);
}

/** The stream `live` of a page. */
export async function watch(page: Page): Promise<Watch> {
  return new Watch((await page.open("live")) as unknown as SessionStream<unknown, LiveMessage>);
}

export class Watch {
  readonly stream: SessionStream<unknown, LiveMessage>;

  constructor(stream: SessionStream<unknown, LiveMessage>) {
    this.stream = stream;
  }

  async snapshot(wanted: (snapshot: LiveSnapshot) => boolean = () => true): Promise<LiveSnapshot> {
    for await (const message of this.stream)
      if (message.type === "snapshot" && wanted(message)) return message;
    throw new Error("ended before a snapshot");
  }

  /** Its answer: `done`, or why not. */
  async order(order: object): Promise<string> {
    await this.stream.send(order);
    for await (const message of this.stream) {
      if (message.type === "done") return "done";
      if (message.type === "refused") return message.reason;
    }
    throw new Error("ended without an answer");
  }
}
