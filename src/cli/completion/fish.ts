// The completion script for fish (fish's "complete").

import type { CompletedCommand, CompletedFlag } from "./words.js";

export function fishScript(commands: readonly CompletedCommand[]): string {
  const names = commands.map(
    ({ name, says }) => `complete -c holdfast -f -n __fish_use_subcommand -a ${name} -d ${quote(says)}`,
  );
  return `${[...names, ...commands.flatMap(commandLines)].join("\n")}\n`;
}

function commandLines({ name, flags, arguments: choices }: CompletedCommand): string[] {
  const inside = `complete -c holdfast -n ${quote(`__fish_seen_subcommand_from ${name}`)}`;
  const words = choices.length === 0 ? [] : [`${inside} -f -a ${quote(choices.join(" "))}`];
  return [...words, ...flags.map((flag) => `${inside} ${flagArguments(flag)}`)];
}

function flagArguments({ long, short, says, value, choices }: CompletedFlag): string {
  const spelled = `${short === undefined ? "" : `-s ${short.slice(1)} `}-l ${long.slice(2)}`;
  const follows = { none: "", text: " -x", path: " -r -F", choice: ` -x -a ${quote(choices.join(" "))}` }[
    value
  ];
  return `${spelled}${follows} -d ${quote(says)}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
