// A framing and an encoding as a pair: any two go together, but for one rule.
// Invariant: a wrong pair is told when it is chosen, not when the first message happens to be cut.

import { UsageError } from "../core/errors.js";
import type { Encoding } from "./encoding/encoding.js";
import type { Framing } from "./framing/framing.js";

/** @throws UsageError if messages would be cut anywhere and `encoding` needs them whole. */
export function checkFormat(
  framing: Pick<Framing, "name" | "keepsBoundaries">,
  encoding: Pick<Encoding<unknown>, "name" | "anyCut">,
): void {
  if (framing.keepsBoundaries || encoding.anyCut) return;
  throw new UsageError(
    `${called(encoding)} needs a framing that keeps messages apart, and ${called(framing)} does not`,
    {
      advice: "use lengthPrefixed(), or lines() where messages are text or JSON",
    },
  );
}

function called({ name }: { readonly name: string }): string {
  return name.endsWith(")") ? name : `${name}()`;
}
