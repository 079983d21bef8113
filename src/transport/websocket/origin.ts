// Which pages may connect: the check that keeps a page of somebody else's from using its visitor's address and cookies
// (cross-site WebSocket hijacking; RFC 6455 section 10.2).
// Invariant: an origin that cannot be read is nobody's.

/**
 * @param origin The request's header; programs that are no browsers send none, and gain nothing by one.
 * @param host The request's `Host`: a page of this very host says the same in its origin.
 * @param allowed `WebSocketOptions.origins`.
 */
export function isOriginAllowed(
  origin: string | undefined,
  host: string | undefined,
  allowed: readonly string[] | undefined,
): boolean {
  if (origin === undefined || allowed?.includes("*") === true) return true;
  const page = urlOf(origin);
  if (page === undefined) return false;
  // Of schemes beside the web's (`chrome-extension:`) all origins are `null` to a URL, and so all alike.
  if (page.origin === "null") return allowed?.includes(origin) === true;
  if (allowed !== undefined) return allowed.some((one) => urlOf(one)?.origin === page.origin);
  return host !== undefined && urlOf(`${page.protocol}//${host}`)?.host === page.host;
}

function urlOf(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
