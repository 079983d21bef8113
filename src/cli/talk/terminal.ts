// stdin and stdout as one end of a conversation.

import type { End } from "./end.js";
import { openStdin } from "./stdin.js";
import { openStdout } from "./stdout.js";

export interface Terminal extends End {
  /** A person types: nothing more is expected from stdin once the peer has ended. */
  readonly isTyped: boolean;
}

export function openTerminal(): Terminal {
  const input = openStdin();
  const output = openStdout();
  return {
    isTyped: input.isTerminal,
    read: () => input.read(),
    write: (chunk) => output.write(chunk),
    end: () => output.end(),
  };
}
