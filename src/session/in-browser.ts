// Sessions opened from a page: over WebSocket, and in doubt whenever the page wakes.

import { browserUrl, dialFromBrowser } from "../transport/websocket/browser.js";
import { type KeptSession, keepSessionFrom } from "./keep-session.js";
import { openSessionFrom } from "./open-session.js";
import type { OpenSessionOptions } from "./options.js";
import { type Page, wakesOf } from "./page-wakes.js";
import type { Platform } from "./platform.js";
import type { Session } from "./session.js";

const browser: Platform = {
  wayTo(endpoint) {
    const url = browserUrl(endpoint, "connect");
    return (options) => dialFromBrowser(url, options);
  },
  wakes: wakesOf(globalThis as unknown as Page),
};

/** As in index.ts, at `ws://` and `wss://`. */
export function openSession<Send = Uint8Array, Receive = Send>(
  endpoint: string,
  options: OpenSessionOptions<Send, Receive> = {},
): Promise<Session<Send, Receive>> {
  return openSessionFrom(browser, endpoint, options);
}

/** As in index.ts, at `ws://` and `wss://`. */
export function keepSession<Send = Uint8Array, Receive = Send>(
  endpoint: string,
  options: OpenSessionOptions<Send, Receive> = {},
): AsyncGenerator<KeptSession<Send, Receive>, void> {
  return keepSessionFrom(browser, endpoint, options);
}
