// Reads an endpoint to its end and says the SHA-256 of it all, and how much memory that took.
// `hash.js ENDPOINT`

import { createHash } from "node:crypto";
import { connect } from "../../../src/index.js";
import { report } from "./report.js";

const [endpoint = ""] = process.argv.slice(2);
const hash = createHash("sha256");
const connection = await connect(endpoint);
for await (const chunks of connection.batches()) for (const chunk of chunks) hash.update(chunk);
await connection.close();
report({ sha256: hash.digest("hex"), peakBytes: process.resourceUsage().maxRSS * 1_024 });
