// The hub's log on stderr, by pino: NDJSON, or readable lines on a terminal.
// Invariant: a reader of the log that is slow or gone never holds up the hub; what it cannot take is dropped.

import { type Logger, pino } from "pino";

import type { HubEvent, HubEventName, HubObserver } from "../../../hub.js";
import type { LifecycleEvent, LifecycleObserver } from "../../../index.js";

export interface LogOptions {
  readonly level: string;
  /** Readable lines instead of NDJSON. */
  readonly pretty: boolean;
  /** Where to: stderr. */
  readonly fd?: number;
}

export interface HubLog {
  readonly hubEvent: HubObserver;
  readonly lifecycleEvent: LifecycleObserver;
  draining(signal: string, members: number): void;
  drained(cut: number): void;
  /** Resolves once all is written out. Nothing may be logged after it. */
  close(): Promise<void>;
}

export async function openLog({ level, pretty, fd = 2 }: LogOptions): Promise<HubLog> {
  const destination = await openDestination(fd, pretty);
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination.stream);
  return {
    hubEvent: (event) => logHubEvent(logger, event),
    lifecycleEvent: (event) => logLifecycleEvent(logger, event, pretty),
    draining: (signal, members) => logger.info({ signal, members }, "draining"),
    drained: (cut) => logger.info({ cut }, "drained"),
    close: destination.close,
  };
}

/** What waits for a reader of the log that is behind; beyond it lines are dropped. */
const waitingBytesMax = 1_048_576;

async function openDestination(fd: number, pretty: boolean) {
  const out = pino.destination({ fd, sync: false, maxLength: waitingBytesMax });
  let readerHasGone = false;
  out.on("error", () => {
    readerHasGone = true;
  });
  const close = () =>
    new Promise<void>((resolve) => {
      if (readerHasGone) return resolve();
      for (const end of ["close", "error"]) out.once(end, () => resolve());
      out.end();
    });
  if (!pretty) return { stream: out, close };
  const { default: pinoPretty } = await import("pino-pretty");
  const format = pinoPretty.prettyFactory({
    colorize: hasColour(),
    translateTime: "SYS:HH:MM:ss",
    singleLine: true,
  });
  return { stream: { write: (line: string) => out.write(format(line)) }, close };
}

function hasColour(): boolean {
  const { NO_COLOR, TERM } = process.env;
  return (NO_COLOR === undefined || NO_COLOR === "") && TERM !== "dumb";
}

const hubLevels: { readonly [Name in HubEventName]: "info" | "warn" } = {
  joined: "info",
  renamed: "info",
  left: "info",
  slow: "warn",
  "too-long": "warn",
  http: "warn",
  tls: "warn",
};

const hubMessages: { readonly [Name in HubEventName]: string } = {
  joined: "joined",
  renamed: "renamed",
  left: "left",
  slow: "disconnected: reads too slowly",
  "too-long": "sent a line that was too long",
  http: "spoke HTTP at the plain door",
  tls: "spoke TLS at the plain door",
};

function logHubEvent(logger: Logger, { name, id, remote, member, reason }: HubEvent): void {
  const kind = typeof id === "number" ? "connection" : "session";
  logger[hubLevels[name]]({ [kind]: id, remote, member, reason }, hubMessages[name]);
}

function logLifecycleEvent(logger: Logger, event: LifecycleEvent, isForPeople: boolean): void {
  const { name, kind, session, id, local, remote, by, reason, error, count } = event;
  const fields = { [kind]: session ?? id, local, remote, by, reason, code: error?.code, count };
  logger[levelOf(event, isForPeople)](fields, `${kind} ${name}`);
}

function levelOf({ name }: LifecycleEvent, isForPeople: boolean): "debug" | "info" | "warn" {
  if (name === "refused") return "warn";
  // People read of the doors on stdout, and in the invitation.
  return name === "listening" && !isForPeople ? "info" : "debug";
}
