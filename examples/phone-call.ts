// A phone call: two people talk, line by line, until one of them says bye.
//
//   npm run example -- phone-call listen [endpoint]    waits for a call; the endpoint is tcp://127.0.0.1:9000 by default
//   npm run example -- phone-call dial [endpoint]      calls

import { createInterface } from "node:readline";

import { type Connection, connect, lines, listen } from "holdfast";

const [role, endpoint = "tcp://127.0.0.1:9000"] = process.argv.slice(2);

if (role === "listen") {
  const listener = await listen(endpoint, { framing: lines() });
  console.log(`waiting at ${listener.endpoint}`);
  const call = await listener.accept();
  // One call: whoever dials now finds nobody.
  await listener.close();
  if (call !== undefined) await talk(call);
} else if (role === "dial") {
  await talk(await connect(endpoint, { framing: lines(), timeoutMs: 5_000 }));
} else {
  console.error("say listen or dial");
  process.exitCode = 2;
}

async function talk(call: Connection<string>): Promise<void> {
  console.log(`connected with ${call.remote}; bye hangs up`);
  const typed = createInterface({ input: process.stdin });
  typed.on("line", (line) => {
    void call.send(line);
    if (line === "bye") typed.close();
  });
  typed.on("close", () => {
    // Hanging up: what was sent still arrives. An open stdin would keep the program waiting for more.
    void call.close();
    process.stdin.destroy();
  });
  for await (const line of call) {
    console.log(`> ${line}`);
    if (line === "bye") break;
  }
  typed.close();
  await call.close();
  const { by, reason } = await call.closed;
  console.log(`${reason} (${by})`);
}
