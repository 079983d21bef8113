// Writes into docs/PROTOCOL.md what follows from elsewhere: its worked examples from the test vectors, its diagrams from
// the tables that the code runs on (as built in dist); with --check it only says whether they are there.
// Invariant: not a byte of either is written by hand.

import { readFileSync, writeFileSync } from "node:fs";
import { diagramOf, directionTable, ourEndTable, peerEndTable } from "../dist/protocol/session/states.js";

const page = "docs/PROTOCOL.md";
const preambleBytes = 9;
const headerBytes = 12;
const proofBytes = 32;
/** Of binary payload in a row. */
const rowBytes = 16;
const jsonTypes = [0x84, 0x09, 0x0a, 0x10, 0x11, 0x12, 0x13, 0x14];
const provenTypes = [0x12, 0x13];

/**
 * @typedef {{ title: string, client: string, server: string }} Exchange
 * @typedef {Exchange & { secret: string, resumes: Exchange[] }} Session
 * @typedef {{ title: string, name: string, hex: string }} Frame
 */
/** @type {Session[]} */
const sessions = JSON.parse(readFileSync("test/vectors/handshake.json", "utf8"));
/** @type {Frame[]} */
const frames = JSON.parse(readFileSync("test/vectors/frames.json", "utf8"));

const text = readFileSync(page, "utf8");
let written = between(text, "examples", examples());
for (const [name, table] of Object.entries({
  ourEnd: ourEndTable,
  peerEnd: peerEndTable,
  direction: directionTable,
})) {
  written = between(written, `states: ${name}`, `\`\`\`mermaid\n${diagramOf(table)}\n\`\`\`\n`);
}
if (!process.argv.includes("--check")) writeFileSync(page, written);
else if (written !== text) {
  console.error(`${page}: its examples or diagrams are old; run node scripts/protocol-examples.js`);
  process.exit(1);
}

/** The text with other words between two marks. */
function between(/** @type {string} */ whole, /** @type {string} */ mark, /** @type {string} */ words) {
  const [begin, end] = [`<!-- ${mark} -->\n`, `<!-- /${mark.replace(/:.*/, "")} -->`];
  const from = whole.indexOf(begin) + begin.length;
  const to = whole.indexOf(end, from);
  if (from < begin.length || to === -1) throw new Error(`${page} has no place for ${mark}`);
  return `${whole.slice(0, from)}\n${words}\n${whole.slice(to)}`;
}

function examples() {
  const [session] = sessions;
  const [resume] = session?.resumes ?? [];
  if (session === undefined || resume === undefined) throw new Error("test/vectors/handshake.json is empty");
  const shown = ["open", "data", "ack", "credit", "close", "closeAck"].map((name) => {
    const frame = frames.find((each) => each.name === name);
    if (frame === undefined) throw new Error(`test/vectors/frames.json has no ${name}`);
    return block(frame.title, [{ who: "", bytes: Buffer.from(frame.hex, "hex") }]);
  });
  return [
    block(session.title, exchange(session)),
    `The secret is \`${session.secret}\`.\n`,
    block(resume.title, exchange(resume)),
    ...shown,
  ].join("\n");
}

/** @param {Exchange} exchange */
function exchange({ client, server }) {
  return [
    { who: "client", bytes: Buffer.from(client, "hex") },
    { who: "server", bytes: Buffer.from(server, "hex") },
  ];
}

/** @param {string} title @param {{ who: string, bytes: Buffer }[]} parts */
function block(title, parts) {
  const lines = parts.flatMap(({ who, bytes }) => {
    if (who === "") return frameLines(bytes);
    return [
      `${who}:`,
      spaced(bytes.subarray(0, preambleBytes)),
      ...frameLines(bytes.subarray(preambleBytes)),
    ];
  });
  return `**${title[0]?.toUpperCase()}${title.slice(1)}**\n\n\`\`\`\n${lines.join("\n")}\n\`\`\`\n`;
}

/** The header's four fields in a line, then the payload: JSON as the text that it is, all else in hex. */
function frameLines(/** @type {Buffer} */ frame) {
  const type = frame[3] ?? 0;
  const header = [
    frame.subarray(0, 3),
    frame.subarray(3, 4),
    frame.subarray(4, 8),
    frame.subarray(8, headerBytes),
  ];
  const payload = frame.subarray(headerBytes);
  const jsonEnd = jsonTypes.includes(type)
    ? payload.length - (provenTypes.includes(type) ? proofBytes : 0)
    : 0;
  const json = payload.toString("utf8", 0, jsonEnd);
  return [header.map(spaced).join("  "), ...(json === "" ? [] : [json]), ...rows(payload.subarray(jsonEnd))];
}

function rows(/** @type {Buffer} */ bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += rowBytes) lines.push(spaced(bytes.subarray(at, at + rowBytes)));
  return lines;
}

function spaced(/** @type {Buffer} */ bytes) {
  return bytes
    .toString("hex")
    .toUpperCase()
    .replaceAll(/..(?=.)/g, "$& ");
}
