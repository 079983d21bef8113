// A server of sessions, a page that reaches it over a relay, and the page's own words in tests: `holdfast`.

import type { Page } from "playwright-core";
import { json } from "../../src/protocol/encoding/json.js";
import { serveSessions } from "../../src/session/index.js";
import type { ServeSessionsOptions } from "../../src/session/serve-sessions.js";
import type { Session } from "../../src/session/session.js";
import { servePage } from "../support/client-page.js";
import { Relay } from "../support/relay.js";

export type NumberSession = Session<number>;

export interface SceneOptions extends ServeSessionsOptions<number> {
  readonly certificate?: { readonly cert: string; readonly key: string };
  /** What the page calls the host. Default: 127.0.0.1. */
  readonly host?: string;
}

export interface Scene extends AsyncDisposable {
  /** Of the page. */
  readonly url: string;
  /** Of the sessions, behind the relay. */
  readonly endpoint: string;
  readonly relay: Relay;
  /** The server's end of the next session. */
  next(): Promise<NumberSession>;
}

export async function openScene(options: SceneOptions = {}): Promise<Scene> {
  const { certificate, host = "127.0.0.1", ...given } = options;
  const arrived: NumberSession[] = [];
  let arrive = () => {};
  const handler = async (session: NumberSession) => {
    arrived.push(session);
    arrive();
    await session.closed;
  };
  const page = await servePage(certificate);
  const relay = await Relay.to(page.port);
  const s = certificate === undefined ? "" : "s";
  const origin = `http${s}://${host}:${page.port}`;
  const sessions = await serveSessions("ws:/session", handler, {
    encoding: json(),
    server: page.server,
    // The relay has another port, and so another host.
    webSocket: { origins: [origin] },
    ...given,
  });
  return {
    url: `${origin}/`,
    endpoint: `ws${s}://${host}:${relay.port}/session`,
    relay,
    async next() {
      while (arrived.length === 0) await new Promise<void>((resolve) => (arrive = resolve));
      return arrived.shift() as NumberSession;
    },
    async [Symbol.asyncDispose]() {
      await relay[Symbol.asyncDispose]();
      await sessions.drain({ deadlineMs: 0 });
      await page[Symbol.asyncDispose]();
    },
  };
}

/** Opens the page, and waits until it has the client. */
export async function load(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.waitForFunction("globalThis.holdfast !== undefined");
}
