// A WebSocket peer that is nothing but TCP: it shakes hands, sends the bytes of a case and writes down what comes back.

import { createHash } from "node:crypto";
import net from "node:net";
import { encodeFrame, type WireCase } from "./cases.js";

/** What came back, frame by frame. */
export type Answer = readonly string[];

const key = "dGhlIHNhbXBsZSBub25jZQ==";

/** As a client: asks the server at `port` for an upgrade, and plays the case. */
export async function playToServer(port: number, wireCase: WireCase): Promise<Answer> {
  const socket = net.connect(port, "127.0.0.1");
  const ended = collect(socket);
  socket.write(
    `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  await ended.head;
  await play(socket, wireCase, true);
  return ended.answer;
}

/** As a server: answers the upgrade request on `socket`, and plays the case. */
export async function playToClient(socket: net.Socket, wireCase: WireCase): Promise<Answer> {
  const ended = collect(socket);
  const head = await ended.head;
  const [, asked = ""] = /^sec-websocket-key: (.*)\r$/im.exec(head) ?? [];
  const accept = createHash("sha1").update(`${asked}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  await play(socket, wireCase, false);
  return ended.answer;
}

async function play(
  socket: net.Socket,
  { frames, pieces, cutAfter }: WireCase,
  toServer: boolean,
): Promise<void> {
  const encoded = frames.map((frame) => encodeFrame(frame, toServer));
  const whole = Buffer.concat(encoded);
  if (cutAfter !== undefined) {
    socket.end(whole.subarray(0, cutAfter));
    return;
  }
  // A case that ends nothing is ended here, so that each comes to an end of its own.
  const goodbye = encodeFrame({ opcode: 8, payload: Uint8Array.of(0x0f, 0xa0) }, toServer);
  const all =
    pieces === "frames" ? encoded : pieces === "bytes" ? [...whole].map((byte) => Buffer.of(byte)) : [whole];
  for (const piece of [...all, goodbye]) {
    if (!socket.writable) return;
    socket.write(piece);
    if (pieces !== undefined) await new Promise((resolve) => setImmediate(resolve));
  }
}

function collect(socket: net.Socket): { readonly head: Promise<string>; readonly answer: Promise<Answer> } {
  let bytes = Buffer.alloc(0);
  let onHead: (head: string) => void = () => {};
  const head = new Promise<string>((resolve) => {
    onHead = resolve;
  });
  let headBytes = 0;
  socket.setNoDelay(true);
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    if (headBytes > 0 || !bytes.includes("\r\n\r\n")) return;
    headBytes = bytes.indexOf("\r\n\r\n") + 4;
    onHead(bytes.subarray(0, headBytes).toString("latin1"));
  });
  const closed = new Promise((resolve) => socket.once("close", resolve));
  const answer = closed.then(() => framesOf(bytes.subarray(headBytes)));
  return { head, answer };
}

/** Each frame as `opcode:payload`, unmasked. What is no whole frame is told as such. */
function framesOf(bytes: Buffer): string[] {
  const frames: string[] = [];
  let at = 0;
  while (at + 2 <= bytes.length) {
    const first = bytes[at] ?? 0;
    const second = bytes[at + 1] ?? 0;
    const isMasked = (second & 0x80) !== 0;
    const length = second & 0x7f;
    const start = at + 2 + (isMasked ? 4 : 0);
    if (length > 125 || start + length > bytes.length) break;
    const mask = bytes.subarray(at + 2, at + 6);
    const payload = bytes
      .subarray(start, start + length)
      .map((byte, i) => (isMasked ? byte ^ (mask[i & 3] ?? 0) : byte));
    frames.push(`${first.toString(16)}:${Buffer.from(payload).toString("hex")}`);
    at = start + length;
  }
  return at === bytes.length ? frames : [...frames, `and ${bytes.length - at} bytes`];
}
