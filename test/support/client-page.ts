// A page that has loaded the browser's build of holdfast/client, as the global `holdfast`.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";

const html = `<!doctype html><title>holdfast</title><script type="module">
import * as holdfast from "/client.js";
globalThis.holdfast = holdfast;
</script>`;

export interface ClientPage extends AsyncDisposable {
  readonly server: http.Server;
  readonly port: number;
}

/** Serves it; `https` where there is a certificate. */
export async function servePage(tls?: { readonly cert: string; readonly key: string }): Promise<ClientPage> {
  const script = readFileSync("dist/client.browser.js");
  const answer: http.RequestListener = ({ url }, response) => {
    const isScript = url === "/client.js";
    response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : html);
  };
  const server = tls === undefined ? http.createServer(answer) : https.createServer({ ...tls }, answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    server,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}
