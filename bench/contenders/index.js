// The contenders by the names that the table, `--only` and the child processes use.

import * as holdfast from "./holdfast.js";
import { naive } from "./net.js";
import { naiveTls } from "./tls.js";
import { corked, ws } from "./ws.js";

/** @type {Readonly<Record<string, import("./contender.js").Contender>>} */
export const contenders = { ...holdfast, ws, corked, naive, naiveTls };
