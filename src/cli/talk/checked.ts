// An encoding used as a rule: messages stay the bytes they are, and those that it cannot hold are refused.
// Invariant: what passes is passed on as it was written, so numbers and spaces of JSON survive.

import { type Encoding, ProtocolError, SocketError } from "../../index.js";

export interface CheckOptions {
  /** Messages may be cut anywhere, inside a character too. */
  readonly cut: boolean;
  /** Line breaks become spaces: in JSON, where they are no part of any string, that changes nothing. */
  readonly oneLine: boolean;
  /** False: whatever comes is taken. Default true. */
  readonly incoming?: boolean;
}

export function checked(
  encoding: Encoding<never, unknown>,
  { cut, oneLine, incoming: isChecked = true }: CheckOptions,
): Encoding<Uint8Array> {
  return {
    name: encoding.name,
    anyCut: encoding.anyCut,
    isText: encoding.isText,
    open: () => {
      const incoming = encoding.open();
      const outgoing = encoding.open();
      return {
        encode: (message) => {
          try {
            outgoing.decode(message, cut);
          } catch (error) {
            throw ours(error);
          }
          return message;
        },
        decode: (frame) => {
          if (isChecked) incoming.decode(frame, cut);
          return oneLine ? frame.map(spaceForBreak) : frame;
        },
        end: () => incoming.end(),
      };
    },
  };
}

/** The same complaint, about what we send. */
function ours(error: unknown): unknown {
  if (!(error instanceof SocketError)) return error;
  return new ProtocolError("ERR_INVALID_MESSAGE", "local", `stdin has what cannot be sent: ${error.reason}`);
}

function spaceForBreak(byte: number): number {
  return byte === 0x0a || byte === 0x0d ? 0x20 : byte;
}
