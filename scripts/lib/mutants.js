// Mistakes that the campaign must find: each is the source with one thing wrong, or two where one alone is made good by
// the other. What nobody could notice is no mistake, and is not here.
// Invariant: `find` stands in the compiled file exactly once.

/** @typedef {{ readonly file: string, readonly find: string, readonly replace: string }} Edit */

const inbound = "protocol/session/inbound.js";
const arrivals = "protocol/session/arrivals.js";
const machine = "protocol/session/machine.js";
const outbox = "protocol/session/outbox.js";
const outgoing = "protocol/session/outgoing.js";
const waiting = "protocol/session/waiting.js";
const speaker = "protocol/session/speaker.js";
const flow = "protocol/session/flow.js";
const closing = "protocol/session/closing.js";
const heartbeat = "protocol/session/heartbeat.js";
const hosting = "session/hosting.js";
const pump = "session/pump.js";

const noDedup = { file: inbound, find: "return true;", replace: "return false;" };
const noFence = {
  file: "protocol/session/server-handshake.js",
  find: "epoch <= key.epoch",
  replace: "false",
};
const linkNotCut = { file: pump, find: "link.cut();", replace: "" };
const noInvariant = {
  file: flow,
  find: "invariant(this.#spent <= this.#allowed",
  replace: "void (this.#spent",
};

/** @type {{ readonly [name: string]: readonly Edit[] }} */
export const mutants = {
  "a stale epoch is taken": [noFence],
  "the old link is not cut": [linkNotCut],
  "the old link is not cut, and there is no dedup": [linkNotCut, noDedup],
  "a stale epoch is taken, and there is no dedup": [noFence, noDedup],
  "an ACK says one too few": [
    { file: speaker, find: "dues.ack(received, now)", replace: "dues.ack(received - 1, now)" },
  ],
  "an ACK says one too many": [
    { file: speaker, find: "dues.ack(received, now)", replace: "dues.ack(received + 1, now)" },
  ],
  "the server says at a resume that it has one more": [
    {
      file: hosting,
      find: "resumed(machine.received)",
      replace: "resumed(machine.received + 1)",
    },
  ],
  "the client says at a resume that it has one less, and there is no dedup": [
    {
      file: "session/redial.js",
      find: "received: this.#core.pump.machine.received",
      replace:
        "received: Math.max(this.#core.pump.machine.acknowledged && 0, this.#core.pump.machine.received - 1)",
    },
    noDedup,
  ],
  "the server reads what it has before it cuts the old link, and there is no dedup": [
    {
      file: hosting,
      find: "core.pump.cut();",
      replace: `if (asked.had === undefined) {
        const late = { ...asked, had: machine.received, rest: asked.rest.slice() };
        core.clock.setTimer(() => this.resume(link, late, handshake), 20);
        return;
      }
      core.pump.cut();`,
    },
    { file: hosting, find: "resumed(machine.received)", replace: "resumed(asked.had)" },
    noDedup,
  ],
  "credit is not said again at a resume": [
    { file: speaker, find: "dues.credit(flow, now);", replace: "void flow;" },
  ],
  "a message gets its number before its credit": [
    { file: outgoing, find: "flow.hasCredit(messageBytes) &&", replace: "" },
    noInvariant,
  ],
  "credit is minded at neither end": [
    {
      file: flow,
      find: "return this.#spent + costOf(payloadBytes) <= this.#allowed",
      replace: "return true",
    },
    noInvariant,
    { file: flow, find: "return this.#arrived + costOf(payloadBytes)", replace: "return 0" },
  ],
  "the outbox minds no room": [
    { file: outbox, find: "return this.#usedBytes + costOf(payloadBytes)", replace: "return 0" },
    { file: outbox, find: "invariant(this.#usedBytes <= this.#bytesMax", replace: "void (this.#usedBytes" },
  ],
  "a write's memory is given back while it is written": [
    {
      file: speaker,
      find: "release: () => slabs.give(slab)",
      replace: "release: slabs.give(slab) ?? (() => {})",
    },
  ],
  "a slab is given back before it is acknowledged": [
    { file: outbox, find: "slab.isDone && slab.writes === 0", replace: "slab.writes === 0" },
  ],
  "a resume goes on where the old link ended": [
    { file: outbox, find: "this.#cursor = this.#head;", replace: "" },
  ],
  "a part of a frame stays when its link breaks": [
    { file: inbound, find: "this.#flow?.dropIncomplete()", replace: "this.#flow?.isDiscarding" },
  ],
  "a part of a header stays when its link breaks": [
    { file: inbound, find: "this.#headerSize = 0;\n        this.#rest = 0;", replace: "this.#rest = 0;" },
  ],
  "a header in pieces is put together wrongly": [
    {
      file: inbound,
      find: "this.#header.set(chunk.subarray(at, end), this.#headerSize)",
      replace: "this.#header.set(chunk.subarray(at, end))",
    },
  ],
  "CLOSE is not said again at a resume": [
    { file: speaker, find: "dues.close(closing.words)", replace: "void 0" },
  ],
  "CLOSE_ACK is not said again": [
    {
      file: "protocol/session/states.js",
      find: 'closed: { "CLOSE heard": "closing" }',
      replace: 'closed: { "CLOSE heard": "closed" }',
    },
  ],
  "CLOSE_ACK is said before all has come": [
    { file: closing, find: "this.#heard?.final === received", replace: "true" },
  ],
  "CLOSE_ACK is said before all has come, and taken for it": [
    { file: closing, find: "this.#heard?.final === received", replace: "true" },
    { file: closing, find: "|| !isAllAcknowledged", replace: "" },
  ],
  "a session that is gone was closed cleanly, whatever is missing": [
    { file: machine, find: "&& !this.#closing.isMissing(this.received)", replace: "" },
  ],
  "an END that a resume acknowledges is forgotten": [
    {
      file: outbox,
      find: "this.#acknowledge(received, this.#written, onLast)",
      replace: "this.#acknowledge(received, this.#written, () => {})",
    },
  ],
  "an ABORT is not answered": [
    { file: arrivals, find: 'flow.sending === "open" && !this.#parts.closing.isSaid', replace: "false" },
  ],
  "a stream is over when its end is sent": [
    {
      file: flow,
      find: 'this.sending = next(directionTable, this.sending, "last frame sent")',
      replace: 'this.sending = "over"',
    },
  ],
  "something is sent behind the peer's CLOSE": [
    { file: "session/core.js", find: "ending === undefined && !isClosing", replace: "ending === undefined" },
  ],
  "who waits behind a send that is cancelled is forgotten": [
    {
      file: waiting,
      find: "this.size -= 1;\n        this.consider(flow);\n        return true;",
      replace: "this.size -= 1;\n        return true;",
    },
  ],
  "who waits for room is never considered again": [
    { file: arrivals, find: "this.#parts.outgoing.admit();", replace: "" },
  ],
  "a dead link is never noticed": [
    {
      file: heartbeat,
      find: "? this.#heardAt + this.#options.deadAfterMs",
      replace: "? Number.POSITIVE_INFINITY",
    },
  ],
  "a PING is not answered": [
    { file: arrivals, find: "this.#parts.dues.pong(payload.slice())", replace: "void 0" },
  ],
  "a link in doubt stays in doubt, whatever is heard": [
    {
      file: heartbeat,
      find: "this.#heardAt = now;\n        this.#probeEndsAt = Number.POSITIVE_INFINITY;\n    }\n    spoke",
      replace: "this.#heardAt = now;\n    }\n    spoke",
    },
  ],
  "a session with a link expires": [
    { file: "session/registry.js", find: "this.#clock.clearTimer(this.#detached.get(entry));", replace: "" },
  ],
  "a session that is over is kept for ever": [
    { file: "session/registry.js", find: "this.#entries.delete(entry.key.id);", replace: "" },
  ],
  "a flush does not wait": [{ file: "session/flushes.js", find: "waiting.upTo <= upTo", replace: "true" }],
  "what was not read is not said": [
    {
      file: "session/ending.js",
      find: "unread.messages += messages - own.messages",
      replace: "unread.messages += 0",
    },
  ],
};

/**
 * @param {string} source
 * @param {readonly Edit[]} edits
 * @returns {string}
 */
export function mutated(source, edits) {
  let text = source;
  for (const { file, find, replace } of edits) {
    const count = text.split(find).length - 1;
    if (count !== 1) throw new Error(`${file}: ${JSON.stringify(find)} is there ${count} times, not once`);
    text = text.replace(find, () => replace);
  }
  return text;
}
