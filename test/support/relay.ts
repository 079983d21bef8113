// A cable between a TCP server and whoever dials it, which a test cuts: by a reset, or by silence both ways.
// Invariant: nothing is read, changed or delayed on the way; what is closed leaves no socket behind.

import { once } from "node:events";
import net, { type AddressInfo } from "node:net";

export class Relay implements AsyncDisposable {
  readonly #server: net.Server;
  readonly #cables = new Set<readonly [net.Socket, net.Socket]>();
  readonly #silent = new Set<net.Socket>();

  /** As long as this is so, whoever comes is reset. */
  isDown = false;

  private constructor(server: net.Server) {
    this.#server = server;
  }

  /** To 127.0.0.1:`port`, where connections arrive from now on. */
  static async to(port: number): Promise<Relay> {
    const server = net.createServer();
    const relay = new Relay(server);
    server.on("connection", (near) => {
      if (relay.isDown) {
        near.resetAndDestroy();
        return;
      }
      const far = net.connect(port, "127.0.0.1");
      const cable = [near, far] as const;
      relay.#cables.add(cable);
      for (const socket of cable) {
        socket
          .on("error", () => {})
          .on("close", () => {
            relay.#cables.delete(cable);
            for (const each of cable) each.destroy();
          });
      }
      near.pipe(far);
      far.pipe(near);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Both ends see a reset. */
  cut(): void {
    for (const cable of this.#cables) for (const socket of cable) socket.resetAndDestroy();
  }

  /** Half-open: neither end hears of the other again, nor of its end. New connections pass. */
  silence(): void {
    for (const cable of [...this.#cables]) {
      this.#cables.delete(cable);
      for (const socket of cable) this.#silent.add(socket.unpipe().pause());
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.cut();
    for (const socket of this.#silent) socket.destroy();
  }
}
