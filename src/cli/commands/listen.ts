// listen: stands where the command will.

import type { Command } from "../command.js";

export const listenCommand: Command<"listen"> = async () => {
  throw new Error("not built yet");
};
