// What TLS says of a failure, in our words: one table for what a peer says (alerts), one for certificates, one for bytes.
// Invariant: whoever verified and said no has a CertificateError, whoever was told so a RefusedError.

import {
  type CertificateCode,
  CertificateError,
  type ErrorContext,
  ProtocolError,
  RefusedError,
  SocketError,
} from "../../core/errors.js";
import { systemCode, systemError } from "../system-errors.js";

/** An error of Node's TLS as a SocketError; one that is a SocketError already stays as it is. */
export function tlsError(error: unknown, context: ErrorContext): SocketError {
  if (error instanceof SocketError) return error;
  const code = systemCode(error) ?? "";
  const message = error instanceof Error ? error.message : String(error);
  const where = { cause: error, ...context };
  const alert = /SSL alert number (\d+)/.exec(message)?.[1];
  if (alert !== undefined) return refusal(Number(alert), where);
  const certificate = certificateErrors.get(code);
  if (certificate !== undefined) {
    const [name, reason, advice] = certificate;
    return new CertificateError(name, reason, { advice, ...where });
  }
  if (isNoCommonGround(code)) {
    const reason = `there is nothing that both sides take (${opensslReason(error, code)})`;
    const advice = "compare their versions (minVersion), kinds of keys, and protocols (alpn)";
    return new ProtocolError("ERR_VERSION", "remote", reason, { advice, ...where });
  }
  if (code.startsWith("ERR_SSL_") || code.startsWith("ERR_OSSL_") || code === "EPROTO") {
    const reason = `what came is no TLS (${opensslReason(error, code)})`;
    return new ProtocolError("ERR_INVALID_BYTES", "remote", reason, {
      advice: "check the port, and what stands between",
      ...where,
    });
  }
  // What X.509 says beside the table: purposes, policies, signatures.
  if (/^[A-Z]+(?:_[A-Z]+)+$/.test(code)) {
    const reason = `the peer's certificate cannot be verified: ${message} (${code})`;
    return new CertificateError("ERR_CERTIFICATE_INVALID", reason, where);
  }
  return systemError(error, context);
}

/** What says the same to the peer (RFC 8446 section 6.2). */
export function alertOf(code: CertificateCode): number {
  return alertNumbers[code];
}

const alertNumbers: { readonly [Code in CertificateCode]: number } = {
  ERR_CERTIFICATE_EXPIRED: 45,
  ERR_CERTIFICATE_NOT_YET_VALID: 42,
  ERR_CERTIFICATE_NAME: 42,
  ERR_CERTIFICATE_UNTRUSTED: 48,
  ERR_CERTIFICATE_REVOKED: 44,
  ERR_CERTIFICATE_MISSING: 116,
  ERR_CERTIFICATE_INVALID: 46,
};

function refusal(alert: number, where: ErrorContext): RefusedError {
  const [name, reason, advice] = alerts.get(alert) ?? [`alert ${alert}`, "it refuses"];
  const all = { ...(advice === undefined ? {} : { advice }), ...where };
  return new RefusedError(`the peer ended TLS: ${reason} (alert ${name})`, all);
}

const noCommonGround = [
  "UNSUPPORTED_PROTOCOL",
  "NO_PROTOCOLS_AVAILABLE",
  "NO_SHARED_CIPHER",
  "NO_SUITABLE_SIGNATURE_ALGORITHM",
  "VERSION_TOO_LOW",
  "NO_SUITABLE_KEY_SHARE",
  "NO_SHARED_SIGNATURE_ALGORITHMS",
  "NO_APPLICATION_PROTOCOL",
];

function isNoCommonGround(code: string): boolean {
  return noCommonGround.some((known) => code === `ERR_SSL_${known}`);
}

function opensslReason(error: unknown, code: string): string {
  const { reason } = error as { readonly reason?: unknown };
  return typeof reason === "string" ? reason : code;
}

type CertificateRow = readonly [code: CertificateCode, reason: string, advice: string];

const trust = "give its authority as ca (--ca), or take a certificate of one that is trusted";
const untrusted = (why: string): CertificateRow => ["ERR_CERTIFICATE_UNTRUSTED", why, trust];
const unlisted = "give a revocation list (crl) of every authority in the chain, and renew it before it ends";

/** By the names of OpenSSL's verification (X509_V_ERR_…), and Node's own. */
const certificateErrors: ReadonlyMap<string, CertificateRow> = new Map([
  [
    "CERT_HAS_EXPIRED",
    ["ERR_CERTIFICATE_EXPIRED", "the peer's certificate has expired", "renew it, or set the clock right"],
  ],
  [
    "CERT_NOT_YET_VALID",
    [
      "ERR_CERTIFICATE_NOT_YET_VALID",
      "the peer's certificate is not valid yet",
      "set the clocks right, or wait until it is",
    ],
  ],
  [
    "ERR_TLS_CERT_ALTNAME_INVALID",
    [
      "ERR_CERTIFICATE_NAME",
      "the peer's certificate is for other names",
      "dial one of its names, or give that as serverName",
    ],
  ],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", untrusted("the peer's certificate is signed by itself alone")],
  ["SELF_SIGNED_CERT_IN_CHAIN", untrusted("the peer's authority is not trusted here")],
  ["UNABLE_TO_GET_ISSUER_CERT", untrusted("the authority of the peer's certificate is not known here")],
  [
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    untrusted("the authority of the peer's certificate is not known here"),
  ],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", untrusted("the authority of the peer's certificate is not known here")],
  ["CERT_UNTRUSTED", untrusted("the peer's certificate is not trusted here")],
  [
    "CERT_REVOKED",
    ["ERR_CERTIFICATE_REVOKED", "the peer's certificate is revoked", "give it a new certificate"],
  ],
  [
    "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE",
    [
      "ERR_CERTIFICATE_MISSING",
      "the client showed no certificate",
      "let it give cert and key of an authority in ca",
    ],
  ],
  [
    "UNABLE_TO_GET_CRL",
    ["ERR_CERTIFICATE_INVALID", "there is no revocation list for the peer's authority", unlisted],
  ],
  ["CRL_HAS_EXPIRED", ["ERR_CERTIFICATE_INVALID", "the revocation list has expired", unlisted]],
  ["CRL_NOT_YET_VALID", ["ERR_CERTIFICATE_INVALID", "the revocation list is not valid yet", unlisted]],
]);

type AlertRow = readonly [name: string, reason: string, advice?: string];

const ownCertificate = "give a certificate (cert, key) that the peer trusts";

/** RFC 8446 section 6, and what earlier versions say. */
const alerts: ReadonlyMap<number, AlertRow> = new Map([
  [10, ["unexpected_message", "it did not expect what we said"]],
  [20, ["bad_record_mac", "what it got is not what we sent", "check what stands between"]],
  [22, ["record_overflow", "it got a record that is too large"]],
  [
    40,
    [
      "handshake_failure",
      "it finds nothing that both sides take, or does not speak TLS here",
      "check the port, the versions (minVersion) and whether it wants a client certificate",
    ],
  ],
  [42, ["bad_certificate", "it does not take our certificate", ownCertificate]],
  [43, ["unsupported_certificate", "it cannot read our kind of certificate", ownCertificate]],
  [44, ["certificate_revoked", "our certificate is revoked", "get a new one"]],
  [
    45,
    ["certificate_expired", "our certificate has expired, by its clock", "renew it, or set the clocks right"],
  ],
  [46, ["certificate_unknown", "it does not take our certificate", ownCertificate]],
  [47, ["illegal_parameter", "it found something wrong in our handshake"]],
  [48, ["unknown_ca", "it does not know the authority of our certificate", "let it trust that authority"]],
  [49, ["access_denied", "it knows who we are, and does not let us in"]],
  [50, ["decode_error", "it could not read our handshake"]],
  [51, ["decrypt_error", "it could not verify our handshake"]],
  [70, ["protocol_version", "it takes none of our TLS versions", "let both sides take TLS 1.2 or 1.3"]],
  [71, ["insufficient_security", "it wants stronger ciphers"]],
  [80, ["internal_error", "it failed", "look at its log"]],
  [90, ["user_canceled", "it gave up"]],
  [109, ["missing_extension", "it misses something in our handshake"]],
  [112, ["unrecognized_name", "it has no certificate for this name", "check serverName"]],
  [
    116,
    [
      "certificate_required",
      "it wants a client certificate",
      "give cert and key of an authority that it trusts",
    ],
  ],
  [
    120,
    ["no_application_protocol", "it takes none of the protocols that we offered", "check alpn on both sides"],
  ],
]);
