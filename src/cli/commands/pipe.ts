// pipe: stands where the command will.

import type { Command } from "../command.js";

export const pipeCommand: Command<"pipe"> = async () => {
  throw new Error("not built yet");
};
