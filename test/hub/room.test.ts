// The room without sockets: members are small objects that remember what they were sent.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { HubEvent } from "../../src/hub/events.js";
import type { News } from "../../src/hub/news.js";
import { costOf } from "../../src/hub/pace.js";
import type { RoomMessage } from "../../src/hub/page/messages.js";
import { type Peer, Room } from "../../src/hub/room.js";

class TestPeer implements Peer {
  readonly id: number;
  readonly dismissed: string[] = [];
  /** Takes nothing while it is false. */
  reads = true;
  readonly told: RoomMessage[] = [];
  #heard: string[] = [];

  constructor(id: number) {
    this.id = id;
  }

  get remote(): string {
    return `memory:peer-${this.id}`;
  }

  trySend({ lines, message }: News): boolean {
    if (!this.reads) return false;
    this.told.push(message);
    const text = new TextDecoder().decode(lines);
    assert.ok(text.endsWith("\n"));
    this.#heard.push(...text.slice(0, -1).split("\n"));
    return true;
  }

  dismiss(how: "bye" | "slow"): void {
    this.dismissed.push(how);
  }

  /** What it was sent since this was asked last. */
  heard(): string[] {
    return this.#heard.splice(0);
  }
}

function roomOf(count: number, { historyMax = 20, noticesMax = 100 } = {}) {
  const events: HubEvent[] = [];
  const room = new Room({ historyMax, noticesMax, onEvent: (event) => events.push(event) });
  const peers = Array.from({ length: count }, (_, index) => new TestPeer(index + 1));
  for (const peer of peers) room.join(peer);
  for (const peer of peers) peer.heard();
  events.splice(0);
  const say = (peer: TestPeer, text: string) => room.take(peer, new TextEncoder().encode(text));
  return { room, peers: peers as [TestPeer, TestPeer, TestPeer], events, say };
}

const names = (events: readonly HubEvent[]) => events.map(({ name, member }) => `${name} ${member}`);

suite("whoever joins", () => {
  test("is greeted by name, and meets the guide at least", () => {
    const { room } = roomOf(0);
    const peer = new TestPeer(1);
    room.join(peer);
    const [first, ...rest] = peer.heard();
    assert.equal(first, "* you are guest-1; here: guide");
    assert.match(rest.join("\n"), /^guide: welcome, guest-1!.*\/help/);
  });

  test("is announced to the others, not to itself", () => {
    const { room, peers, events } = roomOf(2);
    const peer = new TestPeer(3);
    room.join(peer);
    for (const other of peers) assert.deepEqual(other.heard(), ["* guest-3 joined"]);
    assert.equal(peer.heard()[0], "* you are guest-3; here: guest-1, guest-2, guide");
    assert.deepEqual(events, [
      { name: "joined", id: 3, remote: "memory:peer-3", member: "guest-3", reason: undefined },
    ]);
  });

  test("is shown the last lines that were said, and no more than allowed", () => {
    const { room, peers, say } = roomOf(1, { historyMax: 2 });
    for (const text of ["one", "two", "three"]) say(peers[0], text);
    const peer = new TestPeer(2);
    room.join(peer);
    assert.deepEqual(peer.heard().slice(1, -1), [
      "* said before you came:",
      "guest-1: two",
      "guest-1: three",
    ]);
  });

  test("of very many sees the first names, and how many more there are", () => {
    const { room } = roomOf(50);
    const peer = new TestPeer(51);
    room.join(peer);
    assert.match(peer.heard()[0] ?? "", /here: guest-1, .*guest-18, guest-19, guide and 31 more$/);
  });
});

suite("what is said", () => {
  test("reaches the others by name, and not its speaker, who has typed it", () => {
    const { peers, say } = roomOf(3);
    const [ada, bob, eve] = peers;
    assert.equal(say(ada, "hello"), costOf("guest-1: hello\n".length, 3));
    assert.deepEqual(bob.heard(), ["guest-1: hello"]);
    assert.deepEqual(eve.heard(), ["guest-1: hello"]);
    assert.deepEqual(ada.heard(), []);
  });

  test("is nothing where only Enter was pressed", () => {
    const { peers, say } = roomOf(2);
    assert.equal(say(peers[0], "  "), 0);
    assert.deepEqual(peers[1].heard(), []);
  });

  test("cannot act on a terminal, nor look like another line", () => {
    const { peers, say } = roomOf(2);
    say(peers[0], "\x1b[2J* eve joined\neve: hi");
    assert.deepEqual(peers[1].heard(), ["guest-1: \\x1b[2J* eve joined\\x0aeve: hi"]);
  });

  test("may begin with a slash that is written twice", () => {
    const { peers, say } = roomOf(2);
    say(peers[0], "//etc/motd");
    assert.deepEqual(peers[1].heard(), ["guest-1: /etc/motd"]);
  });
});

suite("the guide answers whoever asks, alone:", () => {
  test("/help", () => {
    const { peers, say } = roomOf(2);
    say(peers[0], "/help");
    const lines = peers[0].heard();
    assert.ok(lines.every((line) => line.startsWith("guide: ")));
    for (const command of ["/name", "/who", "/quit", "/echo", "/help", "bye"]) {
      assert.ok(
        lines.some((line) => line.includes(command)),
        command,
      );
    }
    assert.deepEqual(peers[1].heard(), []);
  });

  test("/echo", () => {
    const { peers, say } = roomOf(1);
    say(peers[0], "/echo hello  there");
    say(peers[0], "/ECHO");
    assert.deepEqual(peers[0].heard(), ["guide: hello  there", "guide: …"]);
  });

  test("/who", () => {
    const { peers, say } = roomOf(2);
    say(peers[0], "/who");
    assert.deepEqual(peers[0].heard(), ["guide: 3 here: guest-1 (you), guest-2, guide"]);
  });

  test("/who, looking at no more members than it shows", (t) => {
    const { peers, say } = roomOf(500);
    const next = t.mock.method(Object.getPrototypeOf(new Map().entries()), "next");
    say(peers[0], "/who");
    assert.ok(next.mock.callCount() <= 20, `${next.mock.callCount()} members`);
    next.mock.restore();
    assert.match(peers[0].heard()[0] ?? "", /^guide: 501 here: guest-1 \(you\), .*guide and 481 more$/);
  });

  test("none of it for nothing", () => {
    const { peers, say } = roomOf(1);
    for (const command of ["/help", "/echo hello", "/who", "/name", "/dance"]) {
      const cost = say(peers[0], command);
      const heard = peers[0].heard().join("\n");
      assert.equal(cost, costOf(heard.length + 1, 1), command);
    }
  });

  test("a command that there is not", () => {
    const { peers, say } = roomOf(2);
    say(peers[0], "/dance now");
    assert.deepEqual(peers[0].heard(), ["guide: there is no /dance; /help says what there is"]);
    assert.deepEqual(peers[1].heard(), []);
  });
});

suite("/name", () => {
  test("is told to everyone, and holds from then on", () => {
    const { peers, say, events } = roomOf(2);
    say(peers[0], "/name ada");
    say(peers[0], "hi");
    assert.deepEqual(peers[0].heard(), ["* guest-1 is now ada"]);
    assert.deepEqual(peers[1].heard(), ["* guest-1 is now ada", "ada: hi"]);
    assert.deepEqual(names(events), ["renamed ada"]);
  });

  test("refuses names that are taken, the guide's too, and the old name stays", () => {
    const { peers, say } = roomOf(2);
    for (const name of ["guide", "GUEST-2"]) say(peers[0], `/name ${name}`);
    assert.deepEqual(peers[0].heard(), [
      "guide: somebody is called guide already",
      "guide: somebody is called GUEST-2 already",
    ]);
    say(peers[1], "/name guest-1");
    assert.deepEqual(peers[1].heard(), ["guide: somebody is called guest-1 already"]);
  });

  test("refuses what is no name, and says why", () => {
    const { peers, say } = roomOf(1);
    say(peers[0], "/name a b");
    say(peers[0], "/name");
    assert.match(peers[0].heard().join("\n"), /^guide: a name begins with a letter.*\nguide: say which/);
  });

  test("lets a member write its own name differently", () => {
    const { peers, say } = roomOf(1);
    say(peers[0], "/name ada");
    say(peers[0], "/name Ada");
    assert.deepEqual(peers[0].heard(), ["* guest-1 is now ada", "* ada is now Ada"]);
  });

  test("frees the old name, as leaving does", () => {
    const { room, peers, say } = roomOf(3);
    const [first, second, third] = peers;
    say(first, "/name ada");
    say(first, "/name eve");
    say(second, "/name ada");
    room.leave(second);
    third.heard();
    say(third, "/name ada");
    assert.deepEqual(third.heard(), ["* guest-3 is now ada"]);
  });
});

test("whoever comes and goes costs the room what the others are told", () => {
  const { room } = roomOf(2);
  const peer = new TestPeer(3);
  const joined = room.join(peer);
  const greeting = peer.heard().join("\n").length + 1;
  assert.equal(joined, costOf(greeting, 1) + costOf("* guest-3 joined\n".length, 3));
  assert.equal(room.leave(peer), costOf("* guest-3 left\n".length, 2));
  assert.equal(room.leave(peer), 0);
});

suite("a member leaves", () => {
  for (const word of ["bye", "Bye", " BYE ", "/quit"]) {
    test(`by ${word}: it is answered bye and let go, and the others are told`, () => {
      const { room, peers, say, events } = roomOf(2);
      say(peers[0], word);
      assert.deepEqual(peers[0].heard(), ["bye"]);
      assert.deepEqual(peers[0].dismissed, ["bye"]);
      assert.deepEqual(peers[1].heard(), ["* guest-1 left"]);
      assert.deepEqual(names(events), ["left guest-1"]);
      assert.equal(room.size, 1);
    });
  }

  test("when its connection ends, once, with why if it was cut", () => {
    const { room, peers } = roomOf(3);
    room.leave(peers[0]);
    room.leave(peers[0]);
    room.leave(peers[1], "the peer reset the connection");
    assert.deepEqual(peers[2].heard(), ["* guest-1 left", "* guest-2 left: the peer reset the connection"]);
  });

  test("and what it sends afterwards is nobody's", () => {
    const { room, peers, say } = roomOf(2);
    room.leave(peers[0]);
    peers[1].heard();
    assert.equal(say(peers[0], "still here?"), 0);
    room.note(peers[0], "gone");
    assert.deepEqual([...peers[0].heard(), ...peers[1].heard()], []);
  });
});

suite("a member that reads too slowly", () => {
  test("is let go by name, while the others hear everything", () => {
    const { peers, say, events, room } = roomOf(3);
    const [ada, slow, eve] = peers;
    slow.reads = false;
    say(ada, "hello");
    assert.deepEqual(slow.dismissed, ["slow"]);
    assert.deepEqual(ada.heard(), ["* guest-2 was disconnected: reads too slowly"]);
    assert.deepEqual(eve.heard(), ["guest-1: hello", "* guest-2 was disconnected: reads too slowly"]);
    assert.deepEqual(names(events), ["slow guest-2"]);
    assert.equal(room.size, 2);
  });

  test("is one of many: each is named, once", () => {
    const { peers, say, room } = roomOf(2_000);
    const [ada, bob, ...slow] = peers as TestPeer[];
    assert.ok(ada !== undefined && bob !== undefined);
    for (const peer of slow) peer.reads = false;
    say(ada, "hello");
    assert.equal(room.size, 2);
    assert.equal(bob.heard().filter((line) => line.endsWith("reads too slowly")).length, 1_998);
    assert.ok(slow.every(({ dismissed }) => dismissed.length === 1));
  });

  test("is let go by an answer that it has no room for, too", () => {
    const { peers, say } = roomOf(2);
    peers[0].reads = false;
    say(peers[0], "/help");
    assert.deepEqual(peers[0].dismissed, ["slow"]);
    assert.deepEqual(peers[1].heard(), ["* guest-1 was disconnected: reads too slowly"]);
  });
});

test("in a large room nobody is told who comes and goes, but who was cut", () => {
  const { room, peers, say } = roomOf(3, { noticesMax: 2 });
  const [ada, bob, slow] = peers;
  const late = new TestPeer(4);
  room.join(late);
  room.leave(late);
  slow.reads = false;
  say(ada, "hello");
  assert.deepEqual(bob.heard(), ["guest-1: hello", "* guest-3 was disconnected: reads too slowly"]);
  room.leave(ada);
  assert.deepEqual(bob.heard(), ["* guest-1 left"]);
});

test("a note is for one member alone", () => {
  const { room, peers } = roomOf(2);
  room.note(peers[0], "psst");
  assert.deepEqual(peers[0].heard(), ["* psst"]);
  assert.deepEqual(peers[1].heard(), []);
});

test("when the room closes everyone is told once, and let go", () => {
  const { room, peers, events } = roomOf(3);
  room.close();
  room.close();
  for (const peer of peers) {
    assert.deepEqual(peer.heard(), ["* the hub is closing; goodbye"]);
    assert.deepEqual(peer.dismissed, ["bye"]);
    room.leave(peer);
  }
  assert.equal(room.size, 0);
  assert.deepEqual(names(events), ["left guest-1", "left guest-2", "left guest-3"]);
});

suite("a member that calls its messages by numbers", () => {
  const sayAs = (room: Room, peer: TestPeer, id: number, text: string) =>
    room.take(peer, new TextEncoder().encode(text), id);

  test("hears what it said, under the number that all see and its own", () => {
    const { room, peers } = roomOf(2);
    const [ada, bob] = peers;
    sayAs(room, ada, 70, "one");
    sayAs(room, ada, 71, "two");
    assert.deepEqual(ada.told.slice(-2), [
      { type: "said", n: 1, from: "guest-1", text: "one", id: 70 },
      { type: "said", n: 2, from: "guest-1", text: "two", id: 71 },
    ]);
    assert.deepEqual(bob.told.at(-1), { type: "said", n: 2, from: "guest-1", text: "two" });
  });

  test("is told which of them was answered, and not said", () => {
    const { room, peers } = roomOf(2);
    const [ada, bob] = peers;
    const before = bob.told.length;
    sayAs(room, ada, 5, "/echo hi");
    room.note(ada, "that line is too long", 6);
    room.rename(ada, "1", 7);
    assert.deepEqual(
      ada.told.slice(-3).map((told) => told.type === "note" && told.id),
      [5, 6, 7],
    );
    assert.equal(bob.told.length, before);
  });

  test("may say bye to the others, and stays", () => {
    const { room, peers } = roomOf(2);
    sayAs(room, peers[0], 1, "bye");
    assert.deepEqual(peers[1].heard(), ["guest-1: bye"]);
    assert.equal(room.size, 2);
  });

  test("is welcomed with who is here, what was said and its number", () => {
    const { room, peers, say } = roomOf(2, { historyMax: 1 });
    for (const text of ["one", "two"]) say(peers[0], text);
    const peer = new TestPeer(3);
    room.join(peer);
    assert.deepEqual(peer.told, [
      {
        type: "welcome",
        name: "guest-3",
        members: ["guest-1", "guest-2"],
        membersTotal: 3,
        history: [{ n: 2, from: "guest-1", text: "two" }],
        n: 2,
      },
    ]);
  });

  test("is welcomed in one message of a bounded size, however much there is", () => {
    const { room, peers, say } = roomOf(120, { historyMax: 1_000 });
    for (let count = 0; count < 100; count += 1) say(peers[0], '"\\'.repeat(4_000));
    const peer = new TestPeer(121);
    room.join(peer);
    const [welcome] = peer.told;
    assert.ok(welcome?.type === "welcome");
    assert.equal(welcome.members.length, 100);
    assert.equal(welcome.membersTotal, 121);
    assert.equal(welcome.history.at(-1)?.n, 100);
    assert.ok(JSON.stringify(welcome).length < 131_072);
  });

  test("sees who comes, goes, is renamed and is let go of as data", () => {
    const { room, peers } = roomOf(3);
    const [ada, bob, eve] = peers;
    room.rename(bob, "bob");
    room.leave(bob, "connection reset");
    eve.reads = false;
    sayAs(room, ada, 1, "x");
    assert.deepEqual(ada.told.slice(-4), [
      { type: "renamed", from: "guest-2", to: "bob" },
      { type: "left", name: "bob", membersTotal: 2, reason: "connection reset" },
      { type: "left", name: "guest-3", membersTotal: 1, reason: "reads too slowly" },
      { type: "said", n: 1, from: "guest-1", text: "x", id: 1 },
    ]);
  });
});
