// Node's TLS and cryptography, loaded by the first who needs them: most connections are in the clear. `import()` could not
// wait inside `startTls`, which takes the connection over before anybody else can use it.

export function nodeTls(): typeof import("node:tls") {
  return process.getBuiltinModule("node:tls");
}

export function nodeCrypto(): typeof import("node:crypto") {
  return process.getBuiltinModule("node:crypto");
}
