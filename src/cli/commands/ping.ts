// ping: stands where the command will.

import type { Command } from "../command.js";

export const pingCommand: Command<"ping"> = async () => {
  throw new Error("not built yet");
};
