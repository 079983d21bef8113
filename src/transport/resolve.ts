// From a host to addresses that can be dialled.
// Invariant: the families alternate, so that a dead one delays the other by one head start only (RFC 8305 section 4).

import { lookup } from "node:dns/promises";
import { isIP } from "node:net";

import { DisconnectedError, type ErrorContext } from "../core/errors.js";
import { systemError } from "./system-errors.js";

export interface Address {
  readonly host: string;
  readonly family: 4 | 6;
}

/** @throws DisconnectedError: no such host, no answer, or none of the family that was asked for. */
export async function resolve(
  host: string,
  family: 4 | 6 | undefined,
  context: ErrorContext,
): Promise<Address[]> {
  const literal = isIP(host.split("%")[0] ?? host);
  const all = literal === 0 ? await lookUp(host, context) : [{ host, family: literal as 4 | 6 }];
  const wanted = family === undefined ? all : all.filter((address) => address.family === family);
  if (wanted.length === 0) {
    throw new DisconnectedError("ERR_HOST_NOT_FOUND", `${host} has no IPv${family} address`, context);
  }
  return alternate(wanted);
}

async function lookUp(host: string, context: ErrorContext): Promise<Address[]> {
  try {
    const found = await lookup(host, { all: true, verbatim: true });
    return found.map(({ address, family }) => ({ host: address, family: family as 4 | 6 }));
  } catch (error) {
    throw systemError(error, context);
  }
}

/** First of one family, first of the other, second of one, … beginning with the family that the system put first. */
function alternate(addresses: readonly Address[]): Address[] {
  const first = addresses.filter((address) => address.family === addresses[0]?.family);
  const other = addresses.filter((address) => address.family !== addresses[0]?.family);
  return first
    .flatMap((address, index) => [address, ...other.slice(index, index + 1)])
    .concat(other.slice(first.length));
}
