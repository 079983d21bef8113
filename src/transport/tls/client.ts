// The side of TLS that dials: whom it trusts, the name that it expects, and the sessions that it could continue.
// Invariant: a session is continued only with the server and under the trust that it was begun with, since nothing is
// verified again.

import { isIP } from "node:net";
import type { PeerCertificate, SecureContext, TLSSocket } from "node:tls";

import type { Clock } from "../../core/clock.js";
import { type CertificateError, UsageError } from "../../core/errors.js";
import { limits } from "../../core/limits.js";
import { reportMistake } from "../../core/report.js";
import { fatalAlert } from "../../protocol/foreign.js";
import type { ByteStream } from "../byte-stream.js";
import { type Credentials, checkTlsOptions, credentialsOf } from "./credentials.js";
import { FromFiles } from "./from-files.js";
import { type HandshakeOptions, type SecureSocket, shakeHands } from "./handshake.js";
import { nodeCrypto, nodeTls } from "./node-tls.js";
import type { TlsOptions } from "./options.js";
import type { TlsCertificate } from "./state.js";
import { alertOf, tlsError } from "./tls-error.js";
import { chainOf, stateOf } from "./tls-state.js";
import type { Wire } from "./wire.js";

export interface ClientTlsContext {
  readonly op?: string | undefined;
  readonly endpoint: string;
  /** The name that was dialled; undefined if there was none (a Unix socket). */
  readonly host: string | undefined;
  readonly clock: Clock;
}

export class ClientTls {
  readonly #options: TlsOptions;
  readonly #name: string;
  readonly #endpoint: string;
  readonly #credentials: FromFiles<Credentials>;

  /** @throws UsageError for options that no handshake could be made with. */
  constructor(options: TlsOptions = {}, { op = "connect", endpoint, host, clock }: ClientTlsContext) {
    const name = options.serverName ?? host;
    if (name === undefined && options.verify !== false) {
      const advice = "give tls: { serverName }, the name in its certificate";
      throw new UsageError("there is no name to verify the peer by", { op, endpoint, advice });
    }
    this.#options = options;
    this.#name = name ?? "";
    this.#endpoint = endpoint;
    try {
      checkTlsOptions(options);
      this.#credentials = new FromFiles(
        (read) => credentialsOf(options, read),
        clock,
        (reason) => reportMistake(`${endpoint} is dialled with the old certificates: ${reason}`),
      );
    } catch (error) {
      throw error instanceof UsageError ? error.locate(op, endpoint) : error;
    }
  }

  /** The handshake over a stream that was dialled. @throws as `shakeHands` does; the stream is released then. */
  secure(stream: ByteStream, options: HandshakeOptions): Promise<SecureSocket> {
    const { alpn, verify } = this.#options;
    const { context, digest } = this.#credentials.current;
    const key = JSON.stringify([this.#endpoint, this.#name, verify, alpn, digest]);
    const earlier = continuable.get(key);
    // OpenSSL forgets it with the first ticket.
    let chain: readonly TlsCertificate[] | undefined;
    const shown = (socket: TLSSocket) => {
      chain ??= socket.isSessionReused() && earlier !== undefined ? earlier.chain : chainOf(socket);
      return chain;
    };
    // In TLS 1.2 a ticket comes before anybody is verified; and continued, no name is verified again.
    let isTaken = false;
    let early: Buffer | undefined;
    const open = (wire: Wire) => {
      const socket = this.#open(wire, context, earlier?.ticket);
      return socket.on("session", (ticket: Buffer) => {
        if (isTaken) keep(key, { ticket, chain: shown(socket) });
        else early = ticket;
      });
    };
    const finish = (socket: TLSSocket, wire: Wire) => {
      const secure = this.#finish(socket, wire, shown(socket));
      isTaken = true;
      if (early !== undefined) keep(key, { ticket: early, chain: shown(socket) });
      return secure;
    };
    return shakeHands(stream, { done: "secureConnect", open, finish, refuse: sayRefusal }, options);
  }

  #open(wire: Wire, secureContext: SecureContext, ticket: Buffer | undefined): TLSSocket {
    const { alpn } = this.#options;
    return nodeTls().connect({
      socket: wire,
      secureContext,
      host: this.#name,
      // An address is verified, but is no name to ask for (RFC 6066 section 3).
      ...(isIP(this.#name) === 0 && this.#name !== "" ? { servername: this.#name } : {}),
      // We do, behind the handshake, since Node does it without a word to the server.
      rejectUnauthorized: false,
      checkServerIdentity: nameError,
      ...(ticket === undefined ? {} : { session: ticket }),
      ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
    });
  }

  #finish(socket: TLSSocket, wire: Wire, chain: readonly TlsCertificate[]): SecureSocket {
    if (this.#options.verify !== false && !socket.authorized) {
      const code = String(socket.authorizationError);
      throw tlsError(Object.assign(new Error(code), { code }), {});
    }
    const serverName = this.#name === "" ? undefined : this.#name;
    const tls = stateOf(socket, serverName, socket.authorized, chain);
    // What a server would take in a certificate, which it says only when it asks for one.
    const isAsked = socket.getSharedSigalgs().length > 0;
    return { socket, wire, tls, judge: isAsked ? "server" : undefined };
  }
}

/**
 * In TLS 1.3 our last flight has not left by then, and until it has come the server takes an alert in the clear (RFC 8446
 * section 6.2): so it knows why.
 */
function sayRefusal(wire: Wire, socket: TLSSocket, { code }: CertificateError): void {
  if (socket.getProtocol() === "TLSv1.3") wire.say(fatalAlert(alertOf(code)));
}

/** Node's own check, but for addresses: some of its versions (22.23) compare those of IPv6 as they are written. */
function nameError(host: string, certificate: PeerCertificate): Error | undefined {
  const isCovered =
    isIP(host) !== 0 && new (nodeCrypto().X509Certificate)(certificate.raw).checkIP(host) !== undefined;
  return isCovered ? undefined : nodeTls().checkServerIdentity(host, certificate);
}

interface Continuable {
  readonly ticket: Buffer;
  /** What the server showed when it was verified. */
  readonly chain: readonly TlsCertificate[];
}

/** By all that decided whether the server was to be trusted; the oldest first. */
const continuable = new Map<string, Continuable>();

function keep(key: string, session: Continuable): void {
  continuable.delete(key);
  continuable.set(key, session);
  const [oldest = ""] = continuable.keys();
  if (continuable.size > limits.tlsTicketsMax) continuable.delete(oldest);
}
