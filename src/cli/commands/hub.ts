// holdfast hub: a room behind its doors, until a signal drains it.
// Invariant: stdout has one line per door and nothing else.

import { randomBytes } from "node:crypto";

import { createHub, type Hub } from "../../hub.js";
import { formatEndpoint, parseEndpoint, UsageError } from "../../index.js";
import type { Command } from "../command.js";
import { readConfig } from "../config.js";
import { withDefaults } from "../options/resolve.js";
import type { OptionsOf } from "../options/table.js";
import { print, say } from "../output.js";
import { endpointArgument } from "../talk/settings.js";
import { listeningTls, type TlsSettings } from "../talk/tls.js";
import { invitation } from "./hub/invitation.js";
import { type HubLog, openLog } from "./hub/log.js";

export const hubCommand: Command<"hub"> = async ({ given, signals }) => {
  // Flags and variables go before the file, which goes before the defaults.
  const options = withDefaults("hub", { ...readConfig("hub", given.config), ...given });
  const log = await openLog({
    level: options.logLevel,
    pretty: !options.json && process.stderr.isTTY === true,
  });
  // Shown to nobody but the person at the terminal: logs are read by others.
  const madeCode = process.stderr.isTTY && options.http !== false ? madeAdminCode() : undefined;
  const hub = await open(options, process.env.HOLDFAST_ADMIN_CODE || madeCode, log);
  if (hub.plain !== "") print(`plain ${hub.plain}`);
  for (const endpoint of hub.endpoints) print(`session ${endpoint}`);
  if (hub.http !== "") print(`http ${hub.http}`);
  if (process.stderr.isTTY) say(invitation(hub, madeCode));
  await new Promise<void>((drained) => {
    signals.drainOnFirst((signal) => {
      log.draining(signal, hub.stats.members);
      void hub.drain({ deadlineMs: options.drain }).then(({ cut }) => {
        log.drained(cut);
        drained();
      });
    });
  });
  await log.close();
};

/** One that nobody said: the variable's is the operator's own, who knows it. */
function madeAdminCode(): string | undefined {
  return process.env.HOLDFAST_ADMIN_CODE ? undefined : randomBytes(15).toString("base64url");
}

async function open(options: OptionsOf<"hub">, adminCode: string | undefined, log: HubLog): Promise<Hub> {
  const { plain, listen, http } = options;
  if (plain === false && listen === false && http === false) {
    throw new UsageError("--no-plain, --no-listen and --no-http leave no door open", {
      advice: "leave out one of them",
    });
  }
  const endpoints = listen === false ? [] : listen;
  for (const door of plain === false ? endpoints : [plain, ...endpoints]) {
    if (!endpointArgument(door).isDatagram) continue;
    throw new UsageError("a room needs connections, which udp:// has not", { advice: "use tcp:// or unix:" });
  }
  try {
    return await createHub({
      endpoints,
      ...(plain === false ? {} : { plain }),
      ...(http === false ? {} : { http }),
      ...(adminCode === undefined ? {} : { adminCode }),
      ...tlsOf(options),
      hosts: options.hostName ?? [],
      origins: options.origin ?? [],
      ...(options.trustedProxies === undefined ? {} : { trustedProxies: options.trustedProxies }),
      plainQuietMs: options.plainQuiet,
      plainGreetingMs: options.plainGreeting,
      plainLineBytesMax: options.lineMax,
      roomHistoryMax: options.history,
      roomPaceBytes: options.pace,
      sendBufferBytes: options.sendBuffer,
      connectionsMax: options.connectionsMax,
      connectionsPerAddressMax: options.connectionsPerAddressMax,
      idleTimeoutMs: options.idle ?? 0,
      allowCleartext: options.allowCleartext,
      onEvent: log.hubEvent,
      observer: log.lifecycleEvent,
    });
  } catch (error) {
    throw error instanceof UsageError ? withTheWayOut(error, endpoints) : error;
  }
}

/** Of all doors, if one of them is inside TLS. */
function tlsOf({ plain, listen, http, ...choice }: OptionsOf<"hub">): TlsSettings {
  const web = http === false ? [] : [http.replace(/^http/i, "ws")];
  const all = [...(plain === false ? [] : [plain]), ...(listen === false ? [] : listen), ...web];
  const [first = ""] = all;
  const secure = all.find((door) => /^(?:tls|wss):/i.test(door));
  const { ca, cert, key, crl } = choice;
  return listeningTls(secure ?? first, { ca, cert, key, crl }, say);
}

const addressCodes: readonly string[] = ["ERR_ADDRESS_IN_USE", "ERR_ADDRESS_NOT_AVAILABLE", "ERR_PERMISSION"];

/** The same error; if it is about a door's address, with what to change. */
function withTheWayOut(error: UsageError, endpoints: readonly string[]): UsageError {
  if (!addressCodes.includes(error.code)) return error;
  const { reason, op, endpoint, code } = error;
  const isSessionDoor = endpoints.some((door) => formatEndpoint(parseEndpoint(door)) === endpoint);
  const isHttpDoor = /^https?:/.test(endpoint ?? "");
  const name = isSessionDoor ? "listen" : isHttpDoor ? "http" : "plain";
  const options = `--${name} or HOLDFAST_${name.toUpperCase()}`;
  const perhaps = code === "ERR_ADDRESS_IN_USE" ? "perhaps by a hub that runs already; else " : "";
  const advice = `${perhaps}choose another with ${options}; port 0 takes a free one`;
  return new UsageError(reason, { op, endpoint, advice, cause: error }, code);
}
