// How the programs of these tests speak: one line of JSON per thing that happened.

import { SocketError } from "../../../src/index.js";

/** What a test asserts of an error. */
export interface ErrorReport {
  readonly name: string;
  readonly message: string;
  readonly code?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly advice?: string | undefined;
}

export function report(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

export function errorReport(error: unknown): ErrorReport {
  if (!(error instanceof SocketError)) return { name: "raw", message: String(error) };
  const { name, message, code, endpoint, advice } = error;
  return { name, message, code, endpoint, advice };
}
