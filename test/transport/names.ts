// Names that resolve as a test wants them to, without a name service.

import dns from "node:dns/promises";
import { syncBuiltinESMExports } from "node:module";
import { mock } from "node:test";

/** While `body` runs, each name resolves to its addresses, or fails with its code; others do not exist. */
export async function withNames<T>(
  names: { readonly [name: string]: readonly string[] | string },
  body: () => Promise<T>,
): Promise<T> {
  const lookup = (name: string) => {
    const known = names[name] ?? "ENOTFOUND";
    if (typeof known === "string") {
      return Promise.reject(Object.assign(new Error(`getaddrinfo ${known} ${name}`), { code: known }));
    }
    return Promise.resolve(known.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })));
  };
  const mocked = mock.method(dns, "lookup", lookup as unknown as typeof dns.lookup);
  syncBuiltinESMExports();
  try {
    return await body();
  } finally {
    mocked.mock.restore();
    syncBuiltinESMExports();
  }
}
