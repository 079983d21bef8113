// The contenders by the names that the table, `--only` and the child processes use.

import { awaited, batches, sessionAwaited, sessionBatches } from "./holdfast.js";
import { naive } from "./net.js";
import { corked, ws } from "./ws.js";

/** @type {Readonly<Record<string, import("./contender.js").Contender>>} */
export const contenders = { batches, awaited, sessionBatches, sessionAwaited, ws, corked, naive };
