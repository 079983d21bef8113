// The contenders by the names that the table, `--only` and the child processes use.

import { awaited, batches } from "./holdfast.js";
import { naive } from "./net.js";
import { corked, ws } from "./ws.js";

/** @type {Readonly<Record<string, import("./contender.js").Contender>>} */
export const contenders = { batches, awaited, ws, corked, naive };
