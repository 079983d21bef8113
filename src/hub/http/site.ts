// What the HTTP door answers, as a function of the request: the page, the hub's health, and where sessions come in.
// Invariant: nothing is served to a name that is not ours, and nothing but our own files runs on the page.

import type { Allowed, RequestHeaders } from "./allowed.js";
import type { Assets } from "./assets.js";

export interface HttpRequest {
  readonly method: string;
  /** Path and query, as the client wrote them. */
  readonly url: string;
  readonly headers: RequestHeaders & { readonly upgrade?: string | undefined };
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: Uint8Array;
  /** Why it is a refusal, for whoever counts them; undefined if it is none. */
  readonly refusal?: string;
}

/** Where sessions come in, by WebSocket. */
export const sessionPaths = ["/session", "/page"] as const;
export type SessionPath = (typeof sessionPaths)[number];

export interface SiteOptions {
  readonly allowed: Allowed;
  readonly assets: Assets;
  readonly isDraining: () => boolean;
}

export class Site {
  readonly #options: SiteOptions;

  constructor(options: SiteOptions) {
    this.#options = options;
  }

  answer({ method, url, headers }: HttpRequest): HttpAnswer {
    const path = pathOf(url);
    const isRead = method === "GET" || method === "HEAD";
    if (!isRead)
      return sentence(405, `${shortened(method)} is not taken here; GET and HEAD are`, {
        Allow: "GET, HEAD",
      });
    // Whoever asks for these names the host as it likes: an orchestrator by the address that it knows.
    if (path === "/health") return sentence(200, "ok");
    if (path === "/ready")
      return this.#options.isDraining() ? sentence(503, "draining") : sentence(200, "ready");
    const { allowed, assets } = this.#options;
    const authority = allowed.authority(headers);
    if (authority === undefined) return foreignHost(headers);
    if (isSessionPath(path)) {
      return sentence(426, "sessions come in here by WebSocket, and this asks for none", {
        Upgrade: "websocket",
        Connection: "Upgrade",
      });
    }
    const asset = assets.get(path);
    if (asset === undefined) return missing(assets);
    return {
      status: 200,
      headers: {
        ...safe,
        "Content-Type": asset.type,
        "Content-Length": String(asset.bytes.length),
        "Content-Security-Policy": policy(authority),
        "Cache-Control": asset.isHashed ? "public, max-age=31536000, immutable" : "no-cache",
      },
      body: method === "HEAD" ? none : asset.bytes,
    };
  }

  /** For who comes when nobody new is let in any more. */
  get closing(): HttpAnswer {
    return sentence(503, "the hub is closing", { "Retry-After": "5" });
  }

  /** Why it may not come in by WebSocket there; undefined if it may. */
  upgradeRefusal({ method, url, headers }: HttpRequest): HttpAnswer | undefined {
    const { allowed } = this.#options;
    const authority = allowed.authority(headers);
    if (authority === undefined) return foreignHost(headers);
    if (!isSessionPath(pathOf(url))) return sentence(404, "sessions come in at /session, pages at /page");
    if (method !== "GET") return sentence(405, "a WebSocket begins with GET", { Allow: "GET" });
    if (allowed.mayConnect(headers, authority)) return undefined;
    const text = `pages of ${shortened(headers.origin)} may not connect; the hub's operator can let them with --origin`;
    return { ...sentence(403, text), refusal: `foreign origin ${shortened(headers.origin)}` };
  }
}

/** One plain sentence. */
export function sentence(
  status: number,
  text: string,
  headers: { readonly [name: string]: string } = {},
): HttpAnswer {
  const body = encoder.encode(`${text}\n`);
  const all = {
    ...safe,
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": String(body.length),
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    ...headers,
  };
  return { status, headers: all, body };
}

export function isSessionPath(path: string): path is SessionPath {
  return (sessionPaths as readonly string[]).includes(path);
}

/** Without its query, and decoded in no way: what needs that is no path of ours. */
export function pathOf(url: string): string {
  return url.split("?", 1)[0] ?? "";
}

function foreignHost({ host }: RequestHeaders): HttpAnswer {
  const name = shortened(host);
  const text = `this hub is not known as ${name}; if that is its name, say so with --host-name`;
  return { ...sentence(421, text), refusal: `foreign host ${name}` };
}

function missing(assets: Assets): HttpAnswer {
  return assets.size === 0
    ? sentence(503, "the hub's page is not built; build it with npm run build")
    : sentence(404, "there is nothing here; the page is at /");
}

/** Our own files and our own sessions, and nothing else. `'self'` does not mean WebSockets in every browser. */
function policy(authority: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `connect-src 'self' ws://${authority} wss://${authority}`,
    "img-src 'self' data:",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'none'",
  ].join("; ");
}

const safe = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
} as const;

/** What a stranger wrote, so that it does nothing where it is shown. */
function shortened(text: RequestHeaders[string]): string {
  return JSON.stringify(String(text ?? "").slice(0, 80)).replaceAll(/[^\x20-\x7e]/g, "?");
}

const none = new Uint8Array(0);
const encoder = new TextEncoder();
