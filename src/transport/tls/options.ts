// What a user may say about TLS, the same for what dials and for what listens.
// Invariant: where something is missing, the safe thing holds: Node's authorities, the endpoint's own name, verified.

/** PEM is given as text, or as the path of a file, which is read again when it changes. */
export interface TlsOptions {
  /** Whom to trust instead of Node's own authorities, to which NODE_EXTRA_CA_CERTS adds. */
  readonly ca?: string | undefined;
  /** Our own certificate, with the chain above it. What listens needs one. */
  readonly cert?: string | undefined;
  /** Its private key. */
  readonly key?: string | undefined;
  readonly passphrase?: string | undefined;
  /** What listens: certificates by the name that the client asks for (SNI, RFC 6066 section 3); `*.example.org` too. */
  readonly names?: { readonly [serverName: string]: TlsIdentity } | undefined;
  /** Certificates that are revoked (RFC 5280 section 5). */
  readonly crl?: string | undefined;
  /** What dials: the name to ask for and to verify. Default: the endpoint's host. */
  readonly serverName?: string | undefined;
  /** Protocols offered or taken (ALPN, RFC 7301), best first. */
  readonly alpn?: readonly string[] | undefined;
  /** What dials: false takes any certificate, so that anybody in between can read and write. Default true. */
  readonly verify?: boolean | undefined;
  /**
   * What listens: whether clients must show a certificate of an authority in `ca`. One that is shown must be good, even if
   * it is merely requested. Default `none`.
   */
  readonly clientCertificate?: "none" | "request" | "require" | undefined;
  /** Default: TLS 1.2. */
  readonly minVersion?: "TLSv1.2" | "TLSv1.3" | undefined;
}

export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
  readonly passphrase?: string | undefined;
}
