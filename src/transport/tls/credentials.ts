// What OpenSSL is given: certificates, keys, authorities, read from the options and checked.
// Invariant: what is made here can shake hands: a key fits its certificate, and what should be PEM is.

import type { SecureContext } from "node:tls";

import { UsageError } from "../../core/errors.js";
import { reasonText } from "../../core/reason.js";
import type { ReadPem } from "./from-files.js";
import { nodeCrypto, nodeTls } from "./node-tls.js";
import type { TlsIdentity, TlsOptions } from "./options.js";

export interface Credentials {
  readonly context: SecureContext;
  /** Of what listens: by the names in its option. */
  readonly byName: ReadonlyMap<string, SecureContext>;
  /** The same for the same certificates, keys and authorities. */
  readonly digest: string;
}

/** What dials need not have one. */
type MaybeIdentity = { readonly [K in keyof TlsIdentity]?: TlsIdentity[K] | undefined };

/** What the options say beside certificates. @throws UsageError */
export function checkTlsOptions(options: TlsOptions): void {
  const { alpn, minVersion, clientCertificate, serverName, verify } = options;
  if (minVersion !== undefined && minVersion !== "TLSv1.2" && minVersion !== "TLSv1.3") {
    throw new UsageError(`tls.minVersion must be TLSv1.2 or TLSv1.3, got ${String(minVersion)}`);
  }
  if (clientCertificate !== undefined && !["none", "request", "require"].includes(clientCertificate)) {
    throw new UsageError(
      `tls.clientCertificate must be none, request or require, got ${String(clientCertificate)}`,
    );
  }
  if (alpn !== undefined && (alpn.length === 0 || !alpn.every((name) => /^[ -~]{1,255}$/.test(name)))) {
    throw new UsageError("tls.alpn must be a list of names, each of 1 to 255 ASCII characters");
  }
  if (serverName !== undefined && (typeof serverName !== "string" || serverName === "")) {
    throw new UsageError("tls.serverName must be a name");
  }
  if (verify !== undefined && typeof verify !== "boolean") {
    throw new UsageError("tls.verify must be true or false");
  }
}

/** @throws UsageError for a file that is not there, no PEM, a key of another certificate. */
export function credentialsOf(options: TlsOptions, read: ReadPem): Credentials {
  const { minVersion = "TLSv1.2", names = {} } = options;
  const ca = options.ca === undefined ? undefined : authoritiesOf(options.ca, read);
  const crl = options.crl === undefined ? undefined : read("tls.crl", options.crl, "X509 CRL");
  const texts: unknown[] = [ca, crl, minVersion];
  const contextOf = (where: string, identity: MaybeIdentity) => {
    const own = identityOf(where, identity, read);
    texts.push(own);
    // OpenSSL continues no session with a client's certificate without one.
    const sessionIdContext = "holdfast";
    try {
      return nodeTls().createSecureContext({ ...defined({ ca, crl }), ...own, minVersion, sessionIdContext });
    } catch (cause) {
      throw unusable(where, cause);
    }
  };
  const context = contextOf("tls", options);
  const byName = new Map<string, SecureContext>();
  for (const [name, identity] of Object.entries(names)) {
    byName.set(name.toLowerCase(), contextOf(`tls.names["${name}"]`, identity));
  }
  const digest = nodeCrypto().createHash("sha256").update(JSON.stringify(texts)).digest("hex");
  return { context, byName, digest };
}

/** For a name that a client asks for (RFC 6066 section 3): its own, or that of `*` in the place of its first label. */
export function contextFor({ byName }: Credentials, serverName: string): SecureContext | undefined {
  const name = serverName.toLowerCase();
  return byName.get(name) ?? byName.get(name.replace(/^[^.]*/, "*"));
}

function identityOf(where: string, { cert, key, passphrase }: MaybeIdentity, read: ReadPem) {
  if (cert === undefined && key === undefined) return {};
  if (cert === undefined || key === undefined) {
    const [given, missing] = cert === undefined ? ["key", "cert"] : ["cert", "key"];
    throw new UsageError(`${where}.${given} is given without ${where}.${missing}`);
  }
  const own = {
    cert: certificatesIn(`${where}.cert`, cert, read),
    key: read(`${where}.key`, key, "PRIVATE KEY"),
    ...defined({ passphrase }),
  };
  const isEncrypted = own.key.includes("ENCRYPTED");
  if (isEncrypted && passphrase === undefined) {
    throw new UsageError(`${where}.key is encrypted`, { advice: "give the passphrase" });
  }
  const { X509Certificate, createPrivateKey } = nodeCrypto();
  let fits: boolean;
  try {
    fits = new X509Certificate(own.cert).checkPrivateKey(createPrivateKey({ ...own, format: "pem" }));
  } catch (cause) {
    const advice = "give the one that it was encrypted with";
    if (isEncrypted)
      throw new UsageError(`${where}.passphrase does not open ${where}.key`, { advice, cause });
    throw unusable(where, cause);
  }
  // OpenSSL itself would keep the two side by side if they are of different kinds.
  if (fits) return own;
  const advice = "give the two that were made together";
  throw new UsageError(`${where}.key is not the key of ${where}.cert`, { advice });
}

function authoritiesOf(value: string, read: ReadPem): string {
  return certificatesIn("tls.ca", value, read);
}

/** Each of them is looked at: OpenSSL would pass over what it cannot read. */
function certificatesIn(option: string, value: string, read: ReadPem): string {
  const { X509Certificate } = nodeCrypto();
  const text = read(option, value, "CERTIFICATE");
  for (const [block] of text.matchAll(
    /-----BEGIN [A-Z0-9 ]*CERTIFICATE-----[\s\S]*?(?:-----END [^\n]*|$)/g,
  )) {
    try {
      new X509Certificate(block);
    } catch (cause) {
      throw new UsageError(`${option} has a certificate that cannot be read: ${reasonText(cause)}`, {
        cause,
      });
    }
  }
  return text;
}

function unusable(where: string, cause: unknown): UsageError {
  const advice = "check cert, key and passphrase";
  return new UsageError(`${where} cannot be used: ${reasonText(cause)}`, { advice, cause });
}

/** Without what is undefined, which Node takes for a value. */
function defined<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
