// The completion script for zsh (zshcompsys(1), "_arguments").

import type { CompletedCommand, CompletedFlag } from "./words.js";

export function zshScript(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name, says }) => `    ${quote(`${name}:${escapeColon(says)}`)}`);
  return `#compdef holdfast
_holdfast() {
  local -a names
  names=(
${names.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command names
    return
  fi
  local name=$words[2]
  shift words
  (( CURRENT-- ))
  case $name in
${commands.map(commandCase).join("\n")}
  esac
}
compdef _holdfast holdfast
`;
}

function commandCase({ name, flags, arguments: choices }: CompletedCommand): string {
  const rest = choices.length === 0 ? "*: :_default" : `1: :(${choices.join(" ")})`;
  const lines = [...flags.map(flagSpec), quote(rest)].map((line) => `        ${line}`);
  return `    ${name})\n      _arguments \\\n${lines.join(" \\\n")}\n      ;;`;
}

/** `'(-k --keep)'{-k,--keep}'[says]'`, with `:message:action` behind it where a value follows. */
function flagSpec({ long, short, says, value, choices }: CompletedFlag): string {
  const action = value === "choice" ? `(${choices.join(" ")})` : value === "path" ? "_files" : " ";
  const told = `[${says.replaceAll(/[[\]]/g, "\\$&")}]`;
  const rest = value === "none" ? told : `${told}:${long.slice(2)}:${action}`;
  return short === undefined
    ? quote(long + rest)
    : `${quote(`(${short} ${long})`)}{${short},${long}}${quote(rest)}`;
}

function escapeColon(text: string): string {
  return text.replaceAll(":", "\\:");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
