// Which experiment: asked on a terminal.

import { createInterface } from "node:readline/promises";

import { type LabName, labNames } from "../../hub.js";
import { UsageError } from "../../index.js";
import { print } from "../output.js";

const says: { readonly [Name in LabName]: string } = {
  bytes: "a few sends, and the chunks that receive really saw",
  life: "a connection from listen to close, step by step",
  cut: "a link that breaks in the middle of a count",
  kinds: "the same messages over TCP and over UDP",
};

/** Undefined if nothing was chosen. @throws UsageError where nobody can be asked. */
export async function chooseLab(): Promise<LabName | undefined> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new UsageError("which experiment?", { advice: `name it: ${labNames.join(", ")}` });
  }
  for (const [at, name] of labNames.entries()) print(`${at + 1}  ${name.padEnd(6)} ${says[name]}`);
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  asking.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  try {
    for (;;) {
      const answer = await answered(asking);
      if (answer === undefined || answer === "" || answer === "q") return undefined;
      const chosen = labNames.find((name, at) => name === answer || String(at + 1) === answer);
      if (chosen !== undefined) return chosen;
    }
  } finally {
    asking.close();
  }
}

/** Undefined at the end of input. */
function answered(asking: ReturnType<typeof createInterface>): Promise<string | undefined> {
  return new Promise((resolve) => {
    asking.once("close", () => resolve(undefined));
    void asking.question("which one (1 to 4, Enter for none)? ").then((answer) => resolve(answer.trim()));
  });
}
