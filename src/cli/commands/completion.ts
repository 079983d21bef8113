// completion: stands where the command will.

import type { Command } from "../command.js";

export const completionCommand: Command<"completion"> = async () => {
  throw new Error("not built yet");
};
