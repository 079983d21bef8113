// How the suites register their tests, so that they depend on no runner.

/** `test` of node:test, or of any runner that takes a name and a body. */
export type RegisterTest = (name: string, body: () => void | Promise<void>) => unknown;
