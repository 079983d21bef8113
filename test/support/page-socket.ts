// The global WebSocket that pages have and Node 20 has not: that of ws, which has its interface.

import { afterEach, beforeEach } from "node:test";
import { WebSocket } from "ws";

class PageSocket extends WebSocket {
  constructor(url: string, subprotocols: string[]) {
    super(url, subprotocols);
    // An emitter's errors want a listener; a page's do not.
    this.on("error", () => {});
  }
}

/** To be called inside a suite: its tests find it, as pages do. */
export function usePageSocket(): void {
  const page = globalThis as { WebSocket?: unknown };
  const own = page.WebSocket;
  beforeEach(() => {
    Object.assign(page, { WebSocket: PageSocket, addEventListener() {}, removeEventListener() {} });
  });
  afterEach(() => {
    Object.assign(page, { WebSocket: own, addEventListener: undefined, removeEventListener: undefined });
  });
}
