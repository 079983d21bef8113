// The completion script for bash (bash(1), "Programmable Completion").

import type { CompletedCommand, CompletedFlag } from "./words.js";

export function bashScript(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  return `_holdfast() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=( $(compgen -W "${names} --help --version" -- "$word") )
    return
  fi
  case "\${COMP_WORDS[1]} $before" in
${commands.flatMap(valueCases).join("\n")}
  esac
  case "\${COMP_WORDS[1]}" in
${commands.map(wordCase).join("\n")}
  esac
}
complete -o default -F _holdfast holdfast
`;
}

/** Behind a flag that takes a value: its choices; nothing for any other text; for a path, bash's own default. */
function valueCases({ name, flags }: CompletedCommand): string[] {
  return flags
    .filter(({ value }) => value !== "none")
    .map((flag) => {
      const patterns = spellings(flag).map((spelling) => `"${name} ${spelling}"`);
      const reply =
        flag.value === "choice" ? `COMPREPLY=( $(compgen -W "${flag.choices.join(" ")}" -- "$word") ); ` : "";
      return `    ${patterns.join("|")}) ${reply}return ;;`;
    });
}

function wordCase({ name, flags, arguments: choices }: CompletedCommand): string {
  const words = [...choices, ...flags.flatMap(spellings)].join(" ");
  return `    ${name}) COMPREPLY=( $(compgen -W "${words}" -- "$word") ) ;;`;
}

function spellings({ long, short }: CompletedFlag): string[] {
  return short === undefined ? [long] : [short, long];
}
