// Whom the tests of the doctor's checks examine.

import type { Finding } from "../../../src/cli/doctor/finding.js";
import type { Patient } from "../../../src/cli/doctor/patient.js";
import { parseEndpoint } from "../../../src/index.js";

export function patient(endpoint: string, more: Partial<Patient> = {}): Patient {
  return {
    endpoint: parseEndpoint(endpoint),
    settings: { timeoutMs: 5_000 },
    session: false,
    waitMs: 0,
    env: {},
    addresses: [],
    clock: undefined,
    ...more,
  };
}

/** `ok network`, for each. */
export function statuses(found: readonly Finding[]): string[] {
  return found.map(({ status, layer }) => `${status} ${layer}`);
}
