// What Node's own sockets of this process are given to send: a witness that knows nothing of the code that uses them.

import type dgram from "node:dgram";
import { channel } from "node:diagnostics_channel";
import type net from "node:net";

export interface TappedSocket {
  readonly port: () => number | undefined;
  readonly remotePort: () => number | undefined;
  /** Each write, copied. */
  readonly writes: Buffer[];
}

export interface TappedDatagrams {
  readonly port: () => number;
  readonly sent: Buffer[];
  /** In the order in which the system gave them. */
  readonly received: Buffer[];
}

/** Watches until it is disposed of. */
export class Wiretap implements Disposable {
  /** Those that dialled, in their order. */
  readonly dialled: TappedSocket[] = [];
  readonly datagrams: TappedDatagrams[] = [];
  readonly #onClient = (message: unknown) => this.#tap((message as { socket: net.Socket }).socket);
  readonly #onUdp = (message: unknown) => this.#tapDatagrams((message as { socket: dgram.Socket }).socket);

  constructor() {
    channel("net.client.socket").subscribe(this.#onClient);
    channel("udp.socket").subscribe(this.#onUdp);
  }

  [Symbol.dispose](): void {
    channel("net.client.socket").unsubscribe(this.#onClient);
    channel("udp.socket").unsubscribe(this.#onUdp);
  }

  #tap(socket: net.Socket): void {
    const writes: Buffer[] = [];
    let ports: { readonly local: number | undefined; readonly remote: number | undefined } | undefined;
    // Not before: `connect` puts Node's own `write` back. Nothing is written before it.
    socket.once("connect", () => {
      // A socket that has closed forgets them.
      ports = { local: socket.localPort, remote: socket.remotePort };
      const write = socket.write.bind(socket);
      socket.write = ((chunk: Uint8Array, ...rest: []) => {
        writes.push(Buffer.from(chunk));
        return write(chunk, ...rest);
      }) as typeof socket.write;
    });
    this.dialled.push({ writes, port: () => ports?.local, remotePort: () => ports?.remote });
  }

  #tapDatagrams(socket: dgram.Socket): void {
    const sent: Buffer[] = [];
    const received: Buffer[] = [];
    let port = 0;
    socket.once("listening", () => {
      port = socket.address().port;
    });
    socket.on("message", (data) => received.push(Buffer.from(data)));
    const send = socket.send.bind(socket) as (...args: unknown[]) => void;
    socket.send = ((data: Uint8Array, ...rest: unknown[]) => {
      sent.push(Buffer.from(data));
      send(data, ...rest);
    }) as typeof socket.send;
    this.datagrams.push({ sent, received, port: () => port });
  }
}
