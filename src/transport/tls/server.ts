// The side of TLS that listens: its certificates, by name, and what it asks of clients.
// Invariant: a connection that it hands out is of a client that it takes; others end in the handshake.

import type { SecureContext, TLSSocket } from "node:tls";

import type { Clock } from "../../core/clock.js";
import { CertificateError, UsageError } from "../../core/errors.js";
import { reportMistake } from "../../core/report.js";
import type { ByteStream } from "../byte-stream.js";
import { type Credentials, checkTlsOptions, contextFor, credentialsOf } from "./credentials.js";
import { FromFiles } from "./from-files.js";
import { type HandshakeOptions, type SecureSocket, shakeHands } from "./handshake.js";
import { nodeTls } from "./node-tls.js";
import type { TlsOptions } from "./options.js";
import { tlsError } from "./tls-error.js";
import { chainOf, stateOf } from "./tls-state.js";
import type { Wire } from "./wire.js";

export interface ServerTlsContext {
  readonly op?: string | undefined;
  readonly endpoint: string;
  readonly clock: Clock;
}

export class ServerTls {
  readonly #options: TlsOptions;
  readonly #credentials: FromFiles<Credentials>;

  /** @throws UsageError for options that no handshake could be made with. */
  constructor(options: TlsOptions | undefined, { op = "listen", endpoint, clock }: ServerTlsContext) {
    const context = { op, endpoint };
    if (options?.cert === undefined) {
      const advice = "give tls: { cert, key }; holdfast cert makes a pair for development";
      throw new UsageError("a certificate is missing", { ...context, advice });
    }
    if ((options.clientCertificate ?? "none") !== "none" && options.ca === undefined) {
      const advice = "give the authority that signs them";
      throw new UsageError("tls.clientCertificate needs tls.ca", { ...context, advice });
    }
    this.#options = options;
    try {
      checkTlsOptions(options);
      this.#credentials = new FromFiles(
        (read) => credentialsOf(options, read),
        clock,
        (reason) => reportMistake(`${endpoint} goes on with its old certificates: ${reason}`),
      );
    } catch (error) {
      throw error instanceof UsageError ? error.locate(op, endpoint) : error;
    }
  }

  /** The handshake with a client that has connected. @throws as `shakeHands` does; the stream is released then. */
  secure(stream: ByteStream, options: HandshakeOptions): Promise<SecureSocket> {
    return shakeHands(stream, { done: "secure", open: this.#open, finish: this.#finish }, options);
  }

  readonly #open = (wire: Wire): TLSSocket => {
    const { alpn, clientCertificate = "none" } = this.#options;
    const credentials = this.#credentials.current;
    return new (nodeTls().TLSSocket)(wire, {
      isServer: true,
      secureContext: credentials.context,
      requestCert: clientCertificate !== "none",
      // Of one who shows none; what is shown we judge ourselves, since Node lets the handshake pass.
      rejectUnauthorized: clientCertificate === "require",
      SNICallback: (name: string, found: (error: Error | null, context?: SecureContext) => void) =>
        found(null, contextFor(credentials, name)),
      ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
    });
  };

  readonly #finish = (socket: TLSSocket, wire: Wire): SecureSocket => {
    const { clientCertificate = "none" } = this.#options;
    const hasShown = clientCertificate !== "none" && socket.getPeerX509Certificate() !== undefined;
    const error = hasShown ? verifyError(socket) : undefined;
    if (error) throw tlsError(error, {});
    if (!hasShown && clientCertificate === "require") {
      throw new CertificateError("ERR_CERTIFICATE_MISSING", "the client showed no certificate");
    }
    // Node has the name, or false.
    const { servername } = socket as unknown as { readonly servername: string | false | null };
    const tls = stateOf(socket, servername || undefined, hasShown, hasShown ? chainOf(socket) : []);
    return { socket, wire, tls, judge: tls.isResumed ? undefined : "client" };
  };
}

/** What Node's own server asks behind a handshake; on a socket that is not its own nobody else does. */
function verifyError(socket: TLSSocket): Error | null | undefined {
  const { _handle } = socket as unknown as { _handle: { verifyError(): Error | null | undefined } };
  return _handle.verifyError();
}
