// A certificate for the loopback, made in the process that serves with it. What is measured comes behind the handshake,
// so clients do not verify it.

import { generate } from "selfsigned";

export async function certificate() {
  const { cert, private: key } = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    algorithm: "sha256",
  });
  return { cert, key };
}
