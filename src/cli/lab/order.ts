// From words and options to an order, which the lab checks.

import type { LabName } from "../../hub.js";
import { UsageError } from "../../index.js";
import type { OptionsOf } from "../options/table.js";

/** What is sent where nothing is said: with an emoji, which is four bytes. */
const someWords = ["one", "two", "wor👋ld"];

/** @throws UsageError for what cannot be an order of the lab. */
export function orderOf(name: LabName, words: readonly string[], options: OptionsOf<"lab">): unknown {
  const { messages, how, seed, loss } = options;
  if (words.length > 0 && (name === "cut" || name === "kinds")) {
    throw new UsageError(`${name} takes no words, got "${words.join(" ")}"`, {
      advice: "say how many messages with --messages",
    });
  }
  switch (name) {
    case "bytes":
      return {
        messages: words.length === 0 ? someWords : words,
        framing: framingOf(options),
        readBytes: options.read,
        pauseMs: options.pause,
      };
    case "life":
      return { steps: words };
    case "cut":
      return { how, messages };
    case "kinds":
      return {
        messages,
        lossPercent: loss,
        seed: seed ?? Math.floor(Math.random() * 2 ** 32),
      };
  }
}

function framingOf({ framing }: OptionsOf<"lab">): string {
  if (framing === "nul") {
    throw new UsageError("the lab has no framing nul", { advice: "choose chunks, lines or length4" });
  }
  return framing === "chunks" ? "none" : framing;
}
