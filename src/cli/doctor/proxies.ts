// Proxies that this environment names, which other programs go through and Holdfast does not.

import { isLoopback } from "../../diagnosis.js";
import type { Finding } from "./finding.js";
import type { Patient } from "./patient.js";

const variables = ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"] as const;

export async function checkProxies({ endpoint, env }: Patient): Promise<readonly Finding[]> {
  if (!("host" in endpoint) || isLoopback(endpoint.host)) return [];
  const named = variables.flatMap((name) => {
    const value = env[name] ?? env[name.toLowerCase()];
    return value === undefined || value === "" ? [] : [`${name} (${withoutSecrets(value)})`];
  });
  if (named.length === 0) return [{ status: "ok", layer: "network", says: "the environment names no proxy" }];
  return [
    {
      status: "warning",
      layer: "network",
      says: `the environment names a proxy: ${named.join(", ")}`,
      advice: "Holdfast connects directly: where only the proxy may go out, ask for a way past it",
    },
  ];
}

/** Its host and port; what stands before an @ may be a password. */
function withoutSecrets(value: string): string {
  return value
    .replace(/^.*@/, "")
    .replace(/^\w+:\/\//, "")
    .replace(/\/.*$/, "");
}
