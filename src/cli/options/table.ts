// Every option of every command, once. Help, completions, environment variables and the schema of the configuration
// file are all made from this table.
// Invariant: an option means the same in every command that takes it, and a default is the library's own where it has
// one: a test holds the two together, since loading the library would make --help slow.

import type { CommandName } from "../commands.js";
import { hubOptions } from "./hub-options.js";
import type { Option, OptionValue } from "./option.js";
import { tlsOptions } from "./tls.js";

const generalOptions = {
  hub: {
    kind: "endpoint",
    default: "tcp://127.0.0.1:12346",
    says: "the hub's door for sessions",
    commands: ["chat"],
  },
  name: {
    kind: "text",
    placeholder: "name",
    says: "what you are called in the room",
    commands: ["chat"],
  },
  session: {
    kind: "flag",
    says: "by a session, which loses nothing when links break; on stdin and stdout each line is a message",
    commands: ["connect", "doctor"],
  },
  framing: {
    kind: "choice",
    choices: ["chunks", "lines", "nul", "length4"],
    default: "chunks",
    says: "what separates messages on the wire; but for chunks, a message is a line of stdin and stdout",
    commands: ["listen", "connect", "lab"],
  },
  encoding: {
    kind: "choice",
    choices: ["bytes", "text", "json"],
    default: "bytes",
    says: "what a message must be: anything, UTF-8, or JSON",
    commands: ["listen", "connect"],
  },
  eol: {
    kind: "choice",
    choices: ["lf", "crlf", "none"],
    says: "what ends a line sent; under nul, length4 and --session, what follows each message on stdout",
    commands: ["listen", "connect"],
  },
  timeout: {
    kind: "duration",
    short: "w",
    least: 1,
    says: "give up an attempt to connect after this long (default 10s)",
    commands: ["chat", "connect", "pipe", "ping", "doctor"],
  },
  idle: {
    kind: "duration",
    short: "i",
    says: "cut a connection on which no byte has moved either way for this long",
    commands: ["hub", "listen", "connect", "pipe"],
  },
  retry: {
    kind: "count",
    default: 0,
    says: "attempts after the first one has failed, with growing pauses",
    commands: ["chat", "connect", "pipe"],
  },
  keep: {
    kind: "flag",
    short: "k",
    says: "go on listening: serve many connections, at the same time",
    commands: ["listen"],
  },
  exec: {
    kind: "text",
    placeholder: "command",
    says: "run a shell command whose stdin and stdout are the connection, one for each",
    commands: ["listen", "connect"],
  },
  ipv4: {
    kind: "flag",
    short: "4",
    says: "use IPv4 only",
    commands: ["listen", "connect", "pipe", "ping", "doctor"],
  },
  ipv6: {
    kind: "flag",
    short: "6",
    says: "use IPv6 only",
    commands: ["listen", "connect", "pipe", "ping", "doctor"],
  },
  source: {
    kind: "text",
    placeholder: "address",
    says: "the local address to come from",
    commands: ["connect", "pipe", "ping"],
  },
  count: { kind: "count", short: "c", least: 1, default: 4, says: "tries in all", commands: ["ping"] },
  interval: { kind: "duration", default: 1_000, says: "from one try to the next", commands: ["ping"] },
  echo: {
    kind: "flag",
    says: "measure how long the peer takes to send our own bytes back",
    commands: ["ping"],
  },
  wait: {
    kind: "duration",
    default: 0,
    says: "keep a connection idle for this long, and see whether it still carries bytes; 0: do not try",
    commands: ["doctor"],
  },
  for: {
    kind: "duration",
    least: 1,
    default: 20_000,
    says: "how long links are cut",
    commands: ["demo"],
  },
  seed: {
    kind: "count",
    says: "what chance is made of: cuts, losses; without it one is chosen, and printed",
    commands: ["demo", "lab"],
  },
  messages: {
    kind: "count",
    least: 10,
    default: 40,
    says: "messages each way, in cut and kinds",
    commands: ["lab"],
  },
  read: {
    kind: "size",
    default: 1_024,
    says: "the most that one read takes: the n of recv(n)",
    commands: ["lab"],
  },
  pause: { kind: "duration", default: 0, says: "waited between two sends, in bytes", commands: ["lab"] },
  how: {
    kind: "choice",
    choices: ["reset", "close", "half-open"],
    default: "reset",
    says: "how the link breaks, in cut",
    commands: ["lab"],
  },
  loss: { kind: "count", default: 20, says: "datagrams lost of a hundred, in kinds", commands: ["lab"] },
  folder: {
    kind: "path",
    default: "certificates",
    says: "where the certificates and the authority are, or will be",
    commands: ["cert"],
  },
  client: {
    kind: "text",
    placeholder: "name",
    says: "make a certificate for a client of this name, too",
    commands: ["cert"],
  },
  days: {
    kind: "count",
    least: 1,
    default: 365,
    says: "how long certificates are valid, up to 398; the authority is for ten years",
    commands: ["cert"],
  },
  renew: {
    kind: "flag",
    says: "replace the certificates that are there, and the authority if it has expired",
    commands: ["cert"],
  },
  verbose: {
    kind: "flag",
    short: "v",
    says: "tell on stderr what is tried, how many bytes moved, and why it closed",
    commands: ["listen", "connect", "pipe", "ping"],
  },
  json: {
    kind: "flag",
    says: "tell what happens as NDJSON, one event a line",
    commands: ["hub", "listen", "connect", "pipe", "ping", "demo", "doctor", "lab"],
  },
  hex: {
    kind: "flag",
    says: "dump both directions to stderr",
    commands: ["listen", "connect", "pipe"],
  },
} as const;

type Table = typeof hubOptions & typeof generalOptions & typeof tlsOptions;

export const options: Table = { ...hubOptions, ...generalOptions, ...tlsOptions };

export type OptionName = keyof Table;

/** The options that command `C` takes, as it receives them. */
export type OptionsOf<C extends CommandName> = {
  readonly [Name in OptionName as C extends Table[Name]["commands"][number] ? Name : never]: OptionValue<
    Table[Name]
  >;
};

/** The rows that `command` takes, in the order of the table. */
export function optionsOf(command: CommandName): [OptionName, Option][] {
  const rows: [OptionName, Option][] = Object.entries(options satisfies Record<string, Option>) as [
    OptionName,
    Option,
  ][];
  return rows.filter(([, option]) => option.commands.includes(command));
}
