// What comes instead of a WebSocket where one was dialled: HTTP's other answers, and what is no HTTP.
// Invariant: an answer that another attempt may change is a DisconnectedError, which a retry tries again.

import type http from "node:http";

import {
  DisconnectedError,
  type ErrorContext,
  ProtocolError,
  RefusedError,
  type SocketError,
} from "../../core/errors.js";
import { quoteBytes } from "../../protocol/encoding/quote.js";
import { systemCode, systemError } from "../system-errors.js";
import { tlsError } from "../tls/tls-error.js";
import { visible } from "./close-codes.js";

/** Of the answer's body, which may say why. */
const shownMax = 120;

/** Any HTTP answer but 101; resolves once the beginning of its body is there. */
export async function answerError(
  response: http.IncomingMessage,
  context: ErrorContext,
): Promise<SocketError> {
  const { statusCode: status = 0, statusMessage = "", headers } = response;
  const body = await firstOf(response);
  const said = body === "" ? "" : `: "${body}"`;
  const answer = `the server answered ${status} ${visible(statusMessage)}${said}`;
  if (status < 300) {
    return new ProtocolError("ERR_INVALID_MESSAGE", "remote", `${answer}, and not with a WebSocket`, context);
  }
  if (status < 400) {
    const target = visible(headers.location ?? "somewhere else").slice(0, shownMax);
    return new RefusedError(`${answer}, and redirects to ${target}`, { ...context, advice: "connect there" });
  }
  if (!passing.has(status)) return new RefusedError(answer, { ...context, ...adviceOn(status) });
  return new DisconnectedError("ERR_CONNECTION_REFUSED", answer, { ...context, advice: "try again later" });
}

/** Too busy, or something between us and the server that does not reach it now. */
const passing: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

function adviceOn(status: number): { readonly advice?: string } {
  if (status === 401) return { advice: "say who you are: webSocket: { headers: { Authorization: … } }" };
  if (status === 404) return { advice: "check the endpoint's path" };
  return {};
}

function firstOf(response: http.IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const tell = (chunk: Uint8Array = new Uint8Array(0)) =>
      resolve(visible(new TextDecoder().decode(chunk.subarray(0, shownMax))).trim());
    response
      .once("data", tell)
      .once("end", tell)
      .once("close", tell)
      .on("error", () => tell());
  });
}

/** What Node or `ws` says of an answer that is none, or of no answer. */
export function handshakeError(
  error: Error & { readonly rawPacket?: Uint8Array },
  context: ErrorContext,
): SocketError {
  const code = systemCode(error) ?? "";
  const where = { ...context, cause: error };
  if (code === "HPE_HEADER_OVERFLOW") {
    return new ProtocolError("ERR_INVALID_BYTES", "remote", "the answer's header is too long", where);
  }
  if (code.startsWith("HPE_")) {
    const found = error.rawPacket === undefined ? "" : `: ${quoteBytes(error.rawPacket)}`;
    return new ProtocolError("ERR_INVALID_BYTES", "remote", `the answer is not HTTP${found}`, where);
  }
  if (code === "ECONNRESET" && error.message === "socket hang up") {
    const reason = "the server ended the connection before it had answered";
    const advice = "check what is served there: a server that expects TLS ends like this";
    return new DisconnectedError("ERR_CONNECTION_LOST", reason, { ...where, advice });
  }
  if (/^ERR_(?:SSL|OSSL)_|^EPROTO$/.test(code)) return tlsError(error, context);
  if (code !== "") return systemError(error, where);
  const reason = `no WebSocket: ${error.message[0]?.toLowerCase()}${error.message.slice(1)}`;
  return new ProtocolError("ERR_INVALID_MESSAGE", "remote", reason, where);
}
