// From --ca, --cert and the other options of TLS to the library's. Files are named and not read here: the library reads
// them again when they change.

import { formatEndpoint, parseEndpoint, type TlsOptions, UsageError } from "../../index.js";
import { flagName } from "../options/resolve.js";

/** What the command line says of TLS; `verify` and `serverName` are of those that dial. */
export interface TlsChoice {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly crl?: string | undefined;
  readonly serverName?: string | undefined;
  readonly alpn?: readonly string[] | undefined;
  readonly verify?: boolean;
}

export interface TlsSettings {
  readonly tls?: TlsOptions;
}

type Warn = (text: string) => void;

/** @param warn Is told what its user may not have meant: options that do nothing, and that nothing is verified. */
export function dialingTls(endpoints: readonly string[], choice: TlsChoice, warn: Warn): TlsSettings {
  const tls = chosen(choice);
  if (isIdle(endpoints, tls, warn)) return {};
  if (tls.verify === false) {
    warn("--no-verify takes any certificate: whoever is in between can read and change everything");
  }
  return { tls };
}

/**
 * Of what listens `--ca` is about its clients: each must show a certificate.
 * @throws UsageError where TLS has no certificate to show.
 */
export function listeningTls(
  endpoint: string,
  choice: Omit<TlsChoice, "verify" | "serverName">,
  warn: Warn,
): TlsSettings {
  const tls = chosen(choice);
  if (isIdle([endpoint], tls, warn)) return {};
  if (tls.cert === undefined || tls.key === undefined) {
    const missing =
      tls.cert !== undefined ? "--key is" : tls.key !== undefined ? "--cert is" : "--cert and --key are";
    const advice = "give both; holdfast cert makes a pair for development";
    throw new UsageError(`${missing} missing`, { op: "listen", endpoint, advice });
  }
  return { tls: tls.ca === undefined ? tls : { ...tls, clientCertificate: "require" } };
}

/** Those that say something; to verify is what happens anyway. */
function chosen({ ca, cert, key, crl, serverName, alpn, verify }: TlsChoice): TlsChoice {
  const all = { ca, cert, key, crl, serverName, alpn, verify: verify === false ? false : undefined };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Whether there is nothing to encrypt; an option that meant to is told of, since it will not. */
function isIdle(endpoints: readonly string[], choice: TlsChoice, warn: Warn): boolean {
  const secure: readonly string[] = ["tls", "wss"];
  const parsed = endpoints.map(parseEndpoint);
  if (parsed.some(({ scheme }) => secure.includes(scheme))) return false;
  const [first] = Object.keys(choice);
  const [endpoint] = parsed;
  if (first !== undefined && endpoint !== undefined) {
    const flag = first === "verify" ? "no-verify" : flagName(first);
    warn(`--${flag} is for tls:// and wss://, and ${formatEndpoint(endpoint)} is in the clear`);
  }
  return true;
}
