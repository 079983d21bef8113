// completion: a script that teaches a shell this command's words.

import { UsageError } from "../../index.js";
import type { Command } from "../command.js";
import { bashScript } from "../completion/bash.js";
import { fishScript } from "../completion/fish.js";
import { type CompletedCommand, completedCommands, type Shell, shells } from "../completion/words.js";
import { zshScript } from "../completion/zsh.js";
import { print } from "../output.js";

const scripts: Readonly<Record<Shell, (commands: readonly CompletedCommand[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

export const completionCommand: Command<"completion"> = async ({ args: [wanted = ""] }) => {
  const shell = shells.find((known) => known === wanted);
  if (shell === undefined) {
    throw new UsageError(`there is no completion for "${wanted}"`, {
      advice: `use one of ${shells.join(", ")}`,
    });
  }
  print(scripts[shell](completedCommands()).trimEnd());
};
