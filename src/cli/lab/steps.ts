// Steps of a life, typed one a line.

import { createInterface } from "node:readline";

import { lifeSteps } from "../../hub.js";
import { dim, say } from "../output.js";

/** Each line of stdin that is not empty; `quit` and the end of stdin end it. On a terminal it asks for them. */
export async function* stepsTyped(): AsyncGenerator<string, void> {
  const asks = process.stdin.isTTY && process.stdout.isTTY;
  if (asks) say(dim(`steps: ${lifeSteps.join(", ")}; quit or Ctrl-D ends it`));
  const lines = createInterface({
    input: process.stdin,
    ...(asks ? { output: process.stdout, prompt: "step: " } : {}),
  });
  // In raw mode Ctrl-C is a key; to the rest of the command it is the signal it always was.
  lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  try {
    if (asks) lines.prompt();
    for await (const line of lines) {
      const step = line.trim();
      if (step === "quit") return;
      if (step !== "") yield step;
      if (asks) lines.prompt();
    }
  } finally {
    lines.close();
  }
}
