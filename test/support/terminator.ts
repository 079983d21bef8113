// What stands before many servers: it ends TLS with a certificate that the client takes, and begins its own to the server.
// Or, as a test likes, carries TLS through unopened.

import { once } from "node:events";
import net from "node:net";
import tls from "node:tls";

import type { Identity } from "./certificates.js";

export class Terminator implements AsyncDisposable {
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();
  /** Whether it ends TLS in connections to come. */
  endsTls: boolean;

  private constructor(server: net.Server, endsTls: boolean) {
    this.#server = server;
    this.endsTls = endsTls;
  }

  /** Before the server at 127.0.0.1:`port`. */
  static async before(port: number, identity: Identity, endsTls: boolean): Promise<Terminator> {
    const server = net.createServer({ allowHalfOpen: true });
    const terminator = new Terminator(server, endsTls);
    const inner = tls.createServer({ ...identity, allowHalfOpen: true });
    inner.on("secureConnection", (near) => {
      const far = { port, host: "127.0.0.1", allowHalfOpen: true };
      terminator.#join(near, tls.connect({ ...far, rejectUnauthorized: false }));
    });
    server.on("connection", (near) => {
      terminator.#keep(near);
      if (terminator.endsTls) inner.emit("connection", near);
      else terminator.#join(near, net.connect({ port, host: "127.0.0.1", allowHalfOpen: true }));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return terminator;
  }

  get endpoint(): string {
    return `tls://127.0.0.1:${(this.#server.address() as net.AddressInfo).port}`;
  }

  /** Ends every connection; new ones pass. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.cut();
  }

  #join(near: net.Socket, far: net.Socket): void {
    for (const socket of [near, far]) this.#keep(socket);
    near.pipe(far).pipe(near);
    near.on("error", () => far.destroy());
    far.on("error", () => near.destroy());
  }

  #keep(socket: net.Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {}).on("close", () => this.#sockets.delete(socket));
  }
}
