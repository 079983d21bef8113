// Listens, sends so many bytes to the first that comes, and says the SHA-256 of it all, and how much memory that took.
// `pour.js ENDPOINT BYTES`

import { createHash, randomBytes } from "node:crypto";
import { listen } from "../../../src/index.js";
import { report } from "./report.js";

const [endpoint = "", total = "0"] = process.argv.slice(2);
const hash = createHash("sha256");
const listener = await listen(endpoint);
report({ endpoint: listener.endpoint });
const connection = await listener.accept();
const chunk = randomBytes(65_536);
for (let sent = 0; sent < Number(total); sent += chunk.length) {
  // No two chunks are alike, so that none can be swapped or doubled unnoticed.
  chunk.writeDoubleBE(sent);
  hash.update(chunk);
  await connection?.send(chunk);
}
await connection?.close();
await listener.close();
report({ sha256: hash.digest("hex"), peakBytes: process.resourceUsage().maxRSS * 1_024 });
