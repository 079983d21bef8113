// What a TLS handshake came to.

export interface TlsState {
  /** `TLSv1.3`. */
  readonly version: string;
  readonly cipher: string;
  /** The protocol agreed on (ALPN); undefined if none was. */
  readonly alpn: string | undefined;
  /** The name that the client asked for. */
  readonly serverName: string | undefined;
  /** It continued an earlier TLS session (RFC 8446 section 2.2). */
  readonly isResumed: boolean;
  /** Whether the peer showed a certificate that was verified. */
  readonly isVerified: boolean;
  /** The peer's certificates, its own first; empty if it showed none. */
  readonly chain: readonly TlsCertificate[];
  /** 32 bytes that both ends of this connection alone know (RFC 8446 section 7.5); undefined where there are none. */
  readonly exporter: Uint8Array | undefined;
}

export interface TlsCertificate {
  readonly subject: string;
  readonly issuer: string;
  /** DNS names, IP addresses, … as in the certificate. */
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** SHA-256 of the certificate, in hex: who the peer is. */
  readonly fingerprint: string;
}
