// The room behind the doors: members, their names, what was said, and a guide, so that nobody arrives alone.
// Invariants: a member that reads too slowly delays nobody, it is let go; nothing that one member sends reaches
// another with control characters in it, nor looks like a line of the room itself, which begin with `* `.

import { tell } from "../core/lifecycle.js";
import type { HubEvent, HubEventName, HubObserver } from "./events.js";
import { Names, readName } from "./names.js";
import { costOf } from "./pace.js";
import { visibleText } from "./visible.js";

/** A member as the room sees it. */
export interface Peer {
  /** Its id and its remote end, for events. */
  readonly id: HubEvent["id"];
  readonly remote: string;
  /** Takes the bytes, whole lines; false if the peer reads too slowly for what is queued already. */
  trySend(bytes: Uint8Array): boolean;
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
  readonly #history: string[] = [];

  constructor(options: RoomOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#members.size;
  }

  /** Gives the peer a name, greets it, and tells the others. Returns what that cost, as all that is said does. */
  join(peer: Peer): number {
    const name = this.#names.guest();
    const others = this.#whoIsHere();
    this.#members.set(peer, name);
    this.#tell("joined", peer, name);
    const welcome = [
      `* you are ${name}; here: ${others}`,
      ...(this.#history.length === 0 ? [] : ["* said before you came:", ...this.#history]),
      `${guide}: welcome, ${name}! A line you send is seen by everyone here. Try /echo hello, /name ada, /help, bye`,
    ];
    return this.#send(peer, welcome) + this.#notice(`* ${name} joined`, peer);
  }

  /** Does what the member's message says. Returns what was said in answer, or to the others, at its cost. */
  take(peer: Peer, message: Uint8Array): number {
    const name = this.#members.get(peer);
    const text = visibleText(message).trimEnd();
    // A bare Enter says nothing.
    if (name === undefined || text === "") return 0;
    if (/^bye$/i.test(text.trim())) return this.#quit(peer);
    if (text.startsWith("/") && !text.startsWith("//")) return this.#obey(peer, name, text);
    const line = `${name}: ${text.startsWith("//") ? text.slice(1) : text}`;
    this.#remember(line);
    return this.#announce(line, peer);
  }

  /** A line for this member alone. */
  note(peer: Peer, line: string): void {
    if (this.#members.has(peer)) this.#send(peer, [`* ${line}`]);
  }

  /** The member has gone, in order or not. Nothing happens if the room knows that already. Returns what it cost. */
  leave(peer: Peer, reason?: string): number {
    const name = this.#remove(peer);
    if (name === undefined) return 0;
    this.#tell("left", peer, name, reason);
    return this.#notice(reason === undefined ? `* ${name} left` : `* ${name} left: ${reason}`);
  }

  /** Says goodbye to everyone at once; nobody is a member any more. */
  close(): void {
    const members = [...this.#members.keys()];
    this.#announce("* the hub is closing; goodbye");
    for (const peer of members) {
      const name = this.#remove(peer);
      if (name === undefined) continue;
      this.#tell("left", peer, name, "the hub is closing");
      peer.dismiss("bye");
    }
  }

  #obey(peer: Peer, name: string, text: string): number {
    const [, command = "", argument = ""] = /^\/(\S*)\s*(.*)$/u.exec(text) ?? [];
    switch (command.toLowerCase()) {
      case "help":
        return this.#answer(peer, help);
      case "echo":
        return this.#answer(peer, [argument === "" ? "…" : argument]);
      case "who":
        return this.#answer(peer, [`${this.#members.size + 1} here: ${this.#whoIsHere(peer)}`]);
      case "name":
        return this.#rename(peer, name, argument);
      case "quit":
        return this.#quit(peer);
      default:
        return this.#answer(peer, [`there is no /${command}; /help says what there is`]);
    }
  }

  #answer(peer: Peer, lines: readonly string[]): number {
    return this.#send(
      peer,
      lines.map((line) => `${guide}: ${line}`),
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

  #rename(peer: Peer, name: string, written: string): number {
    const read = readName(written);
    if ("problem" in read) return this.#answer(peer, [read.problem]);
    this.#names.release(name);
    if (!this.#names.take(read.name)) {
      this.#names.take(name);
      return this.#answer(peer, [`somebody is called ${read.name} already`]);
    }
    this.#members.set(peer, read.name);
    this.#tell("renamed", peer, read.name);
    return this.#announce(`* ${name} is now ${read.name}`);
  }

  /** The last line is a bare `bye`: two-way chats, as people learn to write them, end on that word. */
  #quit(peer: Peer): number {
    const cost = this.#send(peer, ["bye"]) + this.leave(peer);
    peer.dismiss("bye");
    return cost;
  }

  #remember(line: string): void {
    this.#history.push(line);
    if (this.#history.length > this.#options.historyMax) this.#history.shift();
  }

  #send(peer: Peer, lines: readonly string[]): number {
    const bytes = encoded(lines);
    if (!peer.trySend(bytes)) this.#letGo([peer]);
    return costOf(bytes.length, 1);
  }

  /** Tells everyone, where they are few enough to care. */
  #notice(line: string, except?: Peer): number {
    return this.#members.size <= this.#options.noticesMax ? this.#announce(line, except) : 0;
  }

  /** Tells everyone but `except`, and lets go of those who have no room for it. */
  #announce(line: string, except?: Peer): number {
    const bytes = encoded([line]);
    const cost = costOf(bytes.length, this.#members.size);
    const slow: Peer[] = [];
    for (const peer of this.#members.keys()) {
      if (peer !== except && !peer.trySend(bytes)) slow.push(peer);
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
      this.#announce(`* ${name} was disconnected: reads too slowly`);
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

/** Once for all who are sent it. */
function encoded(lines: readonly string[]): Uint8Array {
  return encoder.encode(`${lines.join("\n")}\n`);
}

const encoder = new TextEncoder();
