// The client's way to a link: one attempt to dial and shake hands, inside one deadline.
// Invariant: an attempt comes to a link that is in somebody's hands, or leaves nothing open.

import { withDeadline } from "../core/deadline.js";
import { DisconnectedError, ProtocolError, SocketError, TimeoutError } from "../core/errors.js";
import {
  ClientHandshake,
  type ClientHandshakeOptions,
  type ClientOutcome,
} from "../protocol/session/client-handshake.js";
import type { Reject } from "../protocol/session/words.js";
import type { ByteStream } from "../transport/byte-stream.js";
import type { DialOptions } from "../transport/transport.js";
import type { Dial } from "./platform.js";
import { type LinkReader, SessionLink, written } from "./session-link.js";

/** An answer that gives the link to a session. */
export type Accepted = Exclude<ClientOutcome, { readonly kind: "rejected" }>;

export interface DialPlan {
  /** As the user wrote it. */
  readonly endpoint: string;
  readonly dial: Dial;
  readonly options: Omit<DialOptions, "signal">;
  readonly lingerMs: number;
  /** A session that is not bound to TLS is none. */
  readonly bindingRequired: boolean;
}

/**
 * One attempt, within `timeoutMs` in all.
 * @param ask What to say, read once the link is there.
 * @param take Is given the link at once when the answer is there; what the outcome refers to is valid during the call only.
 * @returns REJECT, if that was the answer.
 * @throws DisconnectedError, TimeoutError, ProtocolError; the signal's own reason.
 */
export function dialLink(
  plan: DialPlan,
  ask: () => ClientHandshakeOptions,
  take: (link: SessionLink, accepted: Accepted) => void,
  signal: AbortSignal | undefined,
): Promise<Reject | undefined> {
  const { dial, options, endpoint } = plan;
  const { clock, timeoutMs } = options;
  return withDeadline(
    async (stop) => {
      const stream = await dial({ ...options, signal: stop });
      return shakeHands(plan, stream, ask, take, stop);
    },
    {
      clock,
      timeoutMs,
      signal,
      onTimeout: () =>
        new TimeoutError(timeoutMs, `no session within ${timeoutMs} ms`, { op: "connect", endpoint }),
    },
  );
}

function unbound(): ProtocolError {
  const reason =
    "the session is not bound to TLS: there is none, or something between us and the server ends it";
  const advice = 'use tls:// straight to the server, with TLS 1.3, or binding: "offered"';
  return new ProtocolError("ERR_PROOF", "remote", reason, { advice });
}

/** Most TLS servers say nothing to who begins without TLS. */
const advice = "check what is served there: a server that expects TLS ends like this";

function shakeHands(
  { endpoint, lingerMs, bindingRequired, options }: DialPlan,
  stream: ByteStream,
  ask: () => ClientHandshakeOptions,
  take: (link: SessionLink, accepted: Accepted) => void,
  stop: AbortSignal,
): Promise<Reject | undefined> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      settle();
      link.cut();
      reject(error instanceof SocketError ? error.locate("connect", endpoint) : error);
    };
    const lost = (reason: string) => new DisconnectedError("ERR_CONNECTION_LOST", reason, { advice });
    const reader: LinkReader = {
      onChunk(view) {
        try {
          const outcome = handshake.receive(view);
          if (outcome === undefined) return;
          if (bindingRequired && outcome.kind === "welcome" && !outcome.key.bound) throw unbound();
          settle();
          if (outcome.kind === "rejected") {
            link.finish(options.clock, lingerMs);
            resolve(outcome);
          } else {
            take(link, outcome);
            resolve(undefined);
          }
        } catch (error) {
          fail(error);
        }
      },
      onEnd: () => fail(lost("the server ended the link before it had answered")),
      onWritten() {},
      onClosed: (error) => fail(error ?? lost("the link was closed before the server had answered")),
    };
    const link = new SessionLink(stream, reader, options.observer);
    const abort = () => fail(stop.reason);
    const settle = () => stop.removeEventListener("abort", abort);
    let handshake: ClientHandshake;
    try {
      handshake = new ClientHandshake({ ...ask(), exporter: stream.tls?.exporter });
    } catch (error) {
      fail(error);
      return;
    }
    stop.addEventListener("abort", abort, { once: true });
    if (stop.aborted) return abort();
    link.start();
    link.write(written(handshake.output));
  });
}
