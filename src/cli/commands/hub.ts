// holdfast hub: a room behind its doors, until a signal drains it.
// Invariant: stdout has one line per door and nothing else.

import { createHub, type Hub } from "../../hub.js";
import { formatEndpoint, parseEndpoint, UsageError } from "../../index.js";
import type { Command } from "../command.js";
import { readConfig } from "../config.js";
import { withDefaults } from "../options/resolve.js";
import type { OptionsOf } from "../options/table.js";
import { print, say } from "../output.js";
import { endpointArgument } from "../talk/settings.js";
import { invitation } from "./hub/invitation.js";
import { type HubLog, openLog } from "./hub/log.js";

export const hubCommand: Command<"hub"> = async ({ given, signals }) => {
  // Flags and variables go before the file, which goes before the defaults.
  const options = withDefaults("hub", { ...readConfig("hub", given.config), ...given });
  const log = await openLog({
    level: options.logLevel,
    pretty: !options.json && process.stderr.isTTY === true,
  });
  const hub = await open(options, log);
  if (hub.plain !== "") print(`plain ${hub.plain}`);
  for (const endpoint of hub.endpoints) print(`session ${endpoint}`);
  if (process.stderr.isTTY) say(invitation(hub));
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

async function open(options: OptionsOf<"hub">, log: HubLog): Promise<Hub> {
  const { plain, listen } = options;
  if (plain === false && listen === false) {
    throw new UsageError("--no-plain and --no-listen leave no door open", {
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

const addressCodes: readonly string[] = ["ERR_ADDRESS_IN_USE", "ERR_ADDRESS_NOT_AVAILABLE", "ERR_PERMISSION"];

/** The same error; if it is about a door's address, with what to change. */
function withTheWayOut(error: UsageError, endpoints: readonly string[]): UsageError {
  if (!addressCodes.includes(error.code)) return error;
  const { reason, op, endpoint, code } = error;
  const isSessionDoor = endpoints.some((door) => formatEndpoint(parseEndpoint(door)) === endpoint);
  const options = isSessionDoor ? "--listen or HOLDFAST_LISTEN" : "--plain or HOLDFAST_PLAIN";
  const advice = `choose another with ${options}; port 0 takes a free one`;
  return new UsageError(reason, { op, endpoint, advice, cause: error }, code);
}
