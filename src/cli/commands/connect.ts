// connect: stands where the command will.

import type { Command } from "../command.js";

export const connectCommand: Command<"connect"> = async () => {
  throw new Error("not built yet");
};
