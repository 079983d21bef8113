// The room behind the doors: members, their names, what was said, and a guide, so that nobody arrives alone.
// Invariants: a member that reads too slowly delays nobody, it is let go; nothing that one member sends reaches
// another with control characters in it, nor looks like a line of the room itself, which begin with `* `.

import { tell } from "../core/lifecycle.js";
import type { HubEvent, HubEventName, HubObserver } from "./events.js";
import { Names, readName } from "./names.js";
import { News } from "./news.js";
import { costOf } from "./pace.js";
import type { Said } from "./page/messages.js";
import { visibleText } from "./visible.js";

/** A member as the room sees it. */
export interface Peer {
  /** Its id and its remote end, for events. */
  readonly id: HubEvent["id"];
  readonly remote: string;
  /** Takes the news in its own form; false if the peer reads too slowly for what is queued already. */
  trySend(news: News): boolean;
  /** The room has let go of it: `bye` once it has read what it was sent, `slow` at once. */
  dismiss(how: "bye" | "slow"): void;
}

export interface RoomOptions {
  /** Lines that whoever joins is shown. */
  readonly historyMax: number;
  /** Members up to which everyone is told who comes and goes. */
  readonly noticesMax: number;
  readonly onEvent?: HubObserver | undefined;
}

const guide = "guide";
const namesShownMax = 20;
/** What a page is shown when it comes: names, and bytes of history, so that its welcome is one message. */
const pageNamesMax = 100;
const pageHistoryBytes = 98_304;

const help = [
  "a line you type is seen by everyone here; a line that is only bye ends your visit, as /quit does",
  "/name NAME  what you are called      /who  who is here",
  "/echo TEXT  I say it back to you     /help  this",
  "to say a line that begins with a slash, write two",
];

export class Room {
  readonly #options: RoomOptions;
  readonly #members = new Map<Peer, string>();
  readonly #names = new Names([guide]);
  readonly #history: Said[] = [];
  /** How much has been said: the number of what was said last. */
  #saidCount = 0;

  constructor(options: RoomOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#members.size;
  }

  /** Gives the peer a name, greets it, and tells the others. Returns what that cost, as all that is said does. */
  join(peer: Peer): number {
    const name = this.#names.guest();
    const welcome = this.#welcome(name);
    this.#members.set(peer, name);
    this.#tell("joined", peer, name);
    const joined = new News({ type: "joined", name, membersTotal: this.size }, [`* ${name} joined`]);
    return this.#send(peer, welcome) + this.#notice(joined, peer);
  }

  /**
   * Does what the member's message says. Returns what was said in answer, or to the others, at its cost.
   * @param id What the member calls the message: then it hears what became of it, and may say `bye` to the others.
   */
  take(peer: Peer, message: Uint8Array, id?: number): number {
    const name = this.#members.get(peer);
    const written = visibleText(message).trimEnd();
    // A bare Enter says nothing.
    if (name === undefined || written === "") return 0;
    if (id === undefined && /^bye$/i.test(written.trim())) return this.#quit(peer);
    if (written.startsWith("/") && !written.startsWith("//")) return this.#obey(peer, written, id);
    const text = written.startsWith("//") ? written.slice(1) : written;
    this.#saidCount += 1;
    const said: Said = { n: this.#saidCount, from: name, text };
    this.#remember(said);
    const cost = this.#announce(new News({ type: "said", ...said }, [lineOf(said)]), peer);
    if (id === undefined || !this.#members.has(peer)) return cost;
    return cost + this.#send(peer, new News({ type: "said", ...said, id }, [lineOf(said)]));
  }

  /** Calls the member what it wants to be called, if it may. Returns what that cost. */
  rename(peer: Peer, written: string, id?: number): number {
    const name = this.#members.get(peer);
    if (name === undefined) return 0;
    const read = readName(written);
    if ("problem" in read) return this.#answer(peer, [read.problem], id);
    this.#names.release(name);
    if (!this.#names.take(read.name)) {
      this.#names.take(name);
      return this.#answer(peer, [`somebody is called ${read.name} already`], id);
    }
    this.#members.set(peer, read.name);
    this.#tell("renamed", peer, read.name);
    const renamed = { type: "renamed", from: name, to: read.name } as const;
    return this.#announce(new News(renamed, [`* ${name} is now ${read.name}`]));
  }

  /** A line for this member alone. @param id Its message that this is about. */
  note(peer: Peer, line: string, id?: number): void {
    if (this.#members.has(peer)) this.#send(peer, new News({ type: "note", text: line, id }, [`* ${line}`]));
  }

  /** The member has gone, in order or not. Nothing happens if the room knows that already. Returns what it cost. */
  leave(peer: Peer, reason?: string): number {
    const name = this.#remove(peer);
    if (name === undefined) return 0;
    this.#tell("left", peer, name, reason);
    const line = reason === undefined ? `* ${name} left` : `* ${name} left: ${reason}`;
    return this.#notice(new News({ type: "left", name, membersTotal: this.size, reason }, [line]));
  }

  /** Says goodbye to everyone at once; nobody is a member any more. */
  close(): void {
    const members = [...this.#members.keys()];
    const text = "the hub is closing; goodbye";
    this.#announce(new News({ type: "note", text }, [`* ${text}`]));
    for (const peer of members) {
      const name = this.#remove(peer);
      if (name === undefined) continue;
      this.#tell("left", peer, name, "the hub is closing");
      peer.dismiss("bye");
    }
  }

  #welcome(name: string): News {
    const members: string[] = [];
    for (const member of this.#members.values()) {
      if (members.length === pageNamesMax) break;
      members.push(member);
    }
    const history = newest(this.#history, pageHistoryBytes);
    const membersTotal = this.size + 1;
    const lines = [
      `* you are ${name}; here: ${this.#whoIsHere()}`,
      ...(this.#history.length === 0 ? [] : ["* said before you came:", ...this.#history.map(lineOf)]),
      `${guide}: welcome, ${name}! A line you send is seen by everyone here. Try /echo hello, /name ada, /help, bye`,
    ];
    return new News({ type: "welcome", name, members, membersTotal, history, n: this.#saidCount }, lines);
  }

  #obey(peer: Peer, text: string, id: number | undefined): number {
    const [, command = "", argument = ""] = /^\/(\S*)\s*(.*)$/u.exec(text) ?? [];
    switch (command.toLowerCase()) {
      case "help":
        return this.#answer(peer, help, id);
      case "echo":
        return this.#answer(peer, [argument === "" ? "…" : argument], id);
      case "who":
        return this.#answer(peer, [`${this.#members.size + 1} here: ${this.#whoIsHere(peer)}`], id);
      case "name":
        return this.rename(peer, argument, id);
      case "quit":
        return this.#quit(peer);
      default:
        return this.#answer(peer, [`there is no /${command}; /help says what there is`], id);
    }
  }

  #answer(peer: Peer, lines: readonly string[], id: number | undefined): number {
    const text = lines.join("\n");
    return this.#send(
      peer,
      new News(
        { type: "note", text, id },
        lines.map((line) => `${guide}: ${line}`),
      ),
    );
  }

  /** Names in a row, who came first first; of very many, how many more. As much work in any room. */
  #whoIsHere(asking?: Peer): string {
    const names: string[] = [];
    for (const [peer, name] of this.#members) {
      if (names.length + 1 === namesShownMax) break;
      names.push(peer === asking ? `${name} (you)` : name);
    }
    const more = this.#members.size - names.length;
    names.push(guide);
    return more > 0 ? `${names.join(", ")} and ${more} more` : names.join(", ");
  }

  /** The last line is a bare `bye`: two-way chats, as people learn to write them, end on that word. */
  #quit(peer: Peer): number {
    const cost = this.#send(peer, new News({ type: "note", text: "bye" }, ["bye"])) + this.leave(peer);
    peer.dismiss("bye");
    return cost;
  }

  #remember(said: Said): void {
    this.#history.push(said);
    if (this.#history.length > this.#options.historyMax) this.#history.shift();
  }

  #send(peer: Peer, news: News): number {
    if (!peer.trySend(news)) this.#letGo([peer]);
    return costOf(news.lines.length, 1);
  }

  /** Tells everyone, where they are few enough to care. */
  #notice(news: News, except?: Peer): number {
    return this.#members.size <= this.#options.noticesMax ? this.#announce(news, except) : 0;
  }

  /** Tells everyone but `except`, and lets go of those who have no room for it. */
  #announce(news: News, except?: Peer): number {
    const cost = costOf(news.lines.length, this.#members.size);
    const slow: Peer[] = [];
    for (const peer of this.#members.keys()) {
      if (peer !== except && !peer.trySend(news)) slow.push(peer);
    }
    this.#letGo(slow);
    return cost;
  }

  #letGo(slow: readonly Peer[]): void {
    // All of them first, so that telling of one does not find the next one again.
    const gone = slow.map((peer) => ({ peer, name: this.#remove(peer) }));
    for (const { peer, name } of gone) {
      if (name === undefined) continue;
      this.#tell("slow", peer, name);
      peer.dismiss("slow");
      const left = { type: "left", name, membersTotal: this.size, reason: "reads too slowly" } as const;
      this.#announce(new News(left, [`* ${name} was disconnected: reads too slowly`]));
    }
  }

  #remove(peer: Peer): string | undefined {
    const name = this.#members.get(peer);
    this.#members.delete(peer);
    if (name !== undefined) this.#names.release(name);
    return name;
  }

  #tell(name: HubEventName, { id, remote }: Peer, member: string, reason?: string): void {
    tell(this.#options.onEvent, { name, id, remote, member, reason });
  }
}

function lineOf({ from, text }: Said): string {
  return `${from}: ${text}`;
}

/** The last of what was said, as far as it fits. */
function newest(history: readonly Said[], bytesMax: number): readonly Said[] {
  let from = history.length;
  // A character is at most three bytes of UTF-8 for each of UTF-16's units, and JSON's own marks are few.
  for (let room = bytesMax; from > 0; from -= 1) {
    room -= (history[from - 1]?.text.length ?? 0) * 3 + 128;
    if (room < 0) break;
  }
  return history.slice(from);
}
