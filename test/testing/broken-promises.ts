// Runs a contract suite without a test runner, and answers which of its tests failed.

import type { RegisterTest } from "../../src/testing/register-test.js";

export async function brokenPromises(suite: (register: RegisterTest) => void): Promise<string[]> {
  const tests: { readonly name: string; readonly body: () => void | Promise<void> }[] = [];
  suite((name, body) => tests.push({ name, body }));
  const broken: string[] = [];
  for (const { name, body } of tests) {
    try {
      await body();
    } catch {
      broken.push(name);
    }
  }
  return broken;
}
