// A name server that knows no name: each question comes back as "no such name" (RFC 1035 section 4.1.1, RCODE 3).

import { bind } from "../../../src/index.js";
import { report } from "./report.js";

const socket = await bind("udp://127.0.0.1:53");
report({ event: "listening" });
for await (const { data, from } of socket) {
  const answer = data.slice();
  answer[2] = 0x81;
  answer[3] = 0x83;
  await socket.send(answer, from);
}
