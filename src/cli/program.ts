// The program as commander knows it, made from the two tables: commands and options.
// Invariant: unknown options and surplus arguments are refused, with the nearest that exists.

import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError, Option as ProgramOption } from "commander";

import { type CommandEntry, type CommandName, commandNames, commands } from "./commands.js";
import { CommandFailure } from "./failure.js";
import type { Option } from "./options/option.js";
import { flagName, givenOptions, variableName, withDefaults } from "./options/resolve.js";
import { optionsOf } from "./options/table.js";
import { formatValue, parseValue, placeholderOf, type Value, ValueError } from "./options/values.js";
import { Signals } from "./signals.js";

/** Parse with `parseAsync`; what goes wrong is thrown: commander's own errors, and the command's. */
export function buildProgram(): Command {
  const program = new Command("holdfast")
    .description(
      "Sockets that hold: talk, listen, join and measure, over TCP, TLS, WebSocket, UDP and Unix sockets.",
    )
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .exitOverride()
    .addHelpText("after", topHelp);
  for (const name of commandNames) program.addCommand(commandOf(name));
  return program;
}

function commandOf<Name extends CommandName>(name: Name): Command {
  const entry: CommandEntry<Name> = commands[name];
  const command = new Command(name)
    .description(entry.more === undefined ? `${entry.says}.` : `${entry.says}.\n\n${entry.more}`)
    .summary(entry.says)
    .helpOption("-h, --help", "print this help")
    // Long option names leave little room beside them; narrow lines read better than cut words.
    .configureHelp({ minWidthToWrap: 24 })
    .exitOverride()
    .addHelpText("after", examplesHelp(entry));
  for (const argument of entry.takes.split(" ").filter(Boolean)) command.argument(argument);
  for (const [option, row] of optionsOf(name)) {
    command.addOption(programOption(option, row));
    if (row.canBeOff)
      command.addOption(new ProgramOption(`--no-${flagName(option)}`, `no ${flagName(option)}`));
  }
  for (const flag of entry.later ?? []) {
    command.addOption(new ProgramOption(`--${flag} [value]`).hideHelp());
    command.on(`option:${flag}`, () => command.error(`error: option '--${flag}' comes in a later version`));
  }
  command.action(async () => {
    const signals = new Signals();
    const given = givenOptions(name, argvOptions(command), process.env);
    const options = withDefaults(name, given);
    try {
      const run = await entry.load();
      await run({ args: command.args, options, given, signals });
    } catch (error) {
      throw new CommandFailure(error, options);
    } finally {
      await signals.unlessExiting();
    }
  });
  return command;
}

/** Commander's own defaults (a `--no-x` makes `x` true) are not what the user said. */
function argvOptions(command: Command): { [name: string]: Value | undefined } {
  const said = Object.entries(command.opts<{ [name: string]: Value }>());
  return Object.fromEntries(said.filter(([name]) => command.getOptionValueSource(name) === "cli"));
}

function programOption(name: string, option: Option): ProgramOption {
  const flags = `${option.short === undefined ? "" : `-${option.short}, `}--${flagName(name)}`;
  const text = `${option.says} ${remark(name, option)}`;
  if (option.kind === "flag") return new ProgramOption(flags, text);
  const made = new ProgramOption(`${flags} <${placeholderOf(option)}>`, text);
  made.argParser((text: string, before: unknown) => argumentOf(option, text, before));
  return made;
}

function argumentOf(option: Option, text: string, before: unknown): Value {
  try {
    const value = parseValue(option, text);
    // A list may be given item by item.
    return typeof value === "object" && Array.isArray(before) ? [...before, ...value] : value;
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw new InvalidArgumentError(`${error.message}.`);
  }
}

function remark(name: string, option: Option): string {
  const { default: value, kind } = option;
  const shown = value === undefined || kind === "flag" ? "" : `default ${formatValue(option, value)}; `;
  return `(${shown}${variableName(name)})`;
}

function examplesHelp({ examples }: Pick<CommandEntry, "examples">): string {
  const width = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, says]) => `  ${line.padEnd(width)}  # ${says}`);
  return `\nExamples:\n${lines.join("\n")}`;
}

const topHelp = `
Endpoints:
  tcp://host:port   host:port means the same, :port this machine, *:port every interface
  tls://host:port   the same inside TLS; holdfast cert makes certificates for it
  ws://host:port/p  WebSocket; wss:// inside TLS
  udp://host:port   datagrams
  unix:/path        a Unix socket

Durations take a unit (500ms, 5s, 2m); a bare number is seconds. Every option can be set by the variable beside it.
Payload goes to stdout, all else to stderr. Exit codes: 0 done, 1 the network failed, 2 wrong usage.
${examplesHelp({
  examples: [
    ["holdfast listen :9000", "wait for a connection on this machine"],
    ["holdfast connect :9000", "open one to it, from another terminal"],
    ["holdfast connect --help", "more about one command"],
  ],
})}`;

function version(): string {
  const url = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(url, "utf8")) as { readonly version: string }).version;
}
