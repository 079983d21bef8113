// Opening: from an endpoint to a session that outlives its links.

import { pausesOf, withRetry } from "../connection/retry.js";
import { DisconnectedError, RefusedError } from "../core/errors.js";
import { limit } from "../core/limits.js";
import type { Reject } from "../protocol/session/words.js";
import { type Accepted, type DialPlan, dialLink } from "./dial.js";
import { type OpenSessionOptions, sessionSettings } from "./options.js";
import type { Platform } from "./platform.js";
import { Redialer } from "./redial.js";
import { Session } from "./session.js";
import type { SessionLink } from "./session-link.js";

/** As `openSession` in index.ts says, from wherever it is called. */
export async function openSessionFrom<Send, Receive>(
  platform: Platform,
  endpoint: string,
  options: OpenSessionOptions<Send, Receive>,
): Promise<Session<Send, Receive>> {
  const { wakes } = platform;
  const dial = platform.wayTo(endpoint, options as OpenSessionOptions<never, unknown>);
  const settings = sessionSettings(options);
  const { clock, random, limits } = settings;
  const { sourceAddress, proxyHeader, signal, retry } = options;
  const timeoutMs = limit("timeoutMs", options.timeoutMs);
  const plan: DialPlan = {
    endpoint,
    dial,
    options: { ...settings.stream, timeoutMs, sourceAddress, proxyHeader },
    lingerMs: settings.lingerMs,
    bindingRequired: settings.bindingRequired,
  };
  const { baseMs, maxMs } = pausesOf(retry);

  const begin = (link: SessionLink, accepted: Accepted): Session<Send, Receive> | undefined => {
    if (accepted.kind !== "welcome") return undefined;
    const { key, ttlMs, rest } = accepted;
    let redialer: Redialer;
    const session = new Session<Send, Receive>({
      id: key.id,
      isClient: true,
      settings,
      peerLimits: key.serverLimits,
      remote: link.stream.remote,
      hooks: {
        onDetached: () => void redialer.lost(),
        onConfirmed() {},
        onClosed: () => sleepOn?.(),
        onFinished: () => redialer.stop(),
      },
    });
    const core = Session.core(session);
    const sleepOn = wakes?.(() => core.pump.probe());
    redialer = new Redialer(core, {
      plan,
      key,
      ttlMs,
      baseMs,
      maxMs,
      random: retry?.random ?? random,
      clock,
      wakes,
    });
    core.attach(link, 0, rest);
    return session;
  };

  let retryAfterMs = 0;
  return withRetry(
    async (stop) => {
      const opened: { session?: Session<Send, Receive> | undefined } = {};
      try {
        const rejected = await dialLink(
          plan,
          () => ({ limits }),
          (link, accepted) => {
            opened.session = begin(link, accepted);
          },
          stop,
        );
        if (opened.session !== undefined) return opened.session;
        retryAfterMs = Math.min(rejected?.retryAfterMs ?? 0, retryAfterMsMax);
        throw refusal(rejected, endpoint);
      } catch (error) {
        // Given up between the answer and here: nobody would own it.
        opened.session?.abort(error);
        throw error;
      }
    },
    retry,
    {
      clock,
      random,
      signal,
      wakes,
      context: { op: "connect", endpoint },
      notBeforeMs: (error) => (error instanceof DisconnectedError ? retryAfterMs : 0),
      onLate: (late) => late.abort("nobody waits for it"),
    },
  );
}

/** A server that is busy may ask for so much patience and no more. */
const retryAfterMsMax = 60_000;

function refusal(rejected: Reject | undefined, endpoint: string): DisconnectedError | RefusedError {
  const { code = "", reason = "", retryAfterMs = 0 } = rejected ?? {};
  const context = { op: "connect", endpoint };
  if (code !== "busy") return new RefusedError(`the server refused the session: ${reason || code}`, context);
  const why = `the server is busy (${reason})`;
  return new DisconnectedError("ERR_CONNECTION_REFUSED", why, {
    ...context,
    advice: `try again in ${retryAfterMs} ms`,
  });
}
