// A thin shell over Node's datagram sockets: addresses and bytes go in and out, names and meaning stay outside.
// Invariant: no event of Node's reaches anybody else, and no name is ever looked up in here.

import dgram from "node:dgram";

import type { Address } from "./resolve.js";

/** Where a datagram goes to or comes from, as the system writes it. */
export interface DatagramAddress {
  readonly host: string;
  readonly port: number;
}

export interface DatagramHandleOptions {
  /** `::` is for IPv6 alone; otherwise it takes IPv4 too. */
  readonly ipv6Only: boolean;
  readonly reuseAddress: boolean;
  readonly broadcast: boolean;
  readonly multicast: MulticastOptions | undefined;
  /** The kernel's own buffers, in bytes; it may give less, or twice as much (socket(7)). */
  readonly kernelReceiveBytes: number | undefined;
  readonly kernelSendBytes: number | undefined;
}

export interface MulticastOptions {
  /** The groups to receive from: 224.0.0.0/4 or ff00::/8. */
  readonly groups?: readonly string[] | undefined;
  /** The own address, or for IPv6 `::%name`, of the interface to send and receive on. Default: what the system routes. */
  readonly interface?: string | undefined;
  /** How many routers a datagram may pass, from 0 (this machine) to 255. The system's default is 1. */
  readonly ttl?: number | undefined;
  /** Whether this machine's own sockets receive what is sent from here. The system's default is true. */
  readonly loopback?: boolean | undefined;
}

export interface DatagramSink {
  /** `data` is the receiver's from now on. */
  onDatagram(data: Uint8Array, host: string, port: number): void;
  /** Something that was sent came back, or the system failed. The socket goes on. */
  onError(error: Error): void;
}

export class DatagramHandle {
  readonly #socket: dgram.Socket;

  private constructor(socket: dgram.Socket) {
    this.#socket = socket;
  }

  /** Binds, and begins to receive: `start` must follow in the same turn. @throws the system's own error. */
  static async open(
    local: Address & DatagramAddress,
    options: DatagramHandleOptions,
  ): Promise<DatagramHandle> {
    const { kernelReceiveBytes, kernelSendBytes } = options;
    const socket = dgram.createSocket({
      type: local.family === 4 ? "udp4" : "udp6",
      ipv6Only: options.ipv6Only,
      reuseAddr: options.reuseAddress,
      ...(kernelReceiveBytes === undefined ? {} : { recvBufferSize: kernelReceiveBytes }),
      ...(kernelSendBytes === undefined ? {} : { sendBufferSize: kernelSendBytes }),
      // What comes here is an address already; without this each send would wait a turn for a lookup of it.
      lookup: (host, _options, callback) => callback(null, host, local.family),
    });
    try {
      await bound(socket, local);
      if (options.broadcast) socket.setBroadcast(true);
      if (options.multicast !== undefined) joinGroups(socket, options.multicast);
    } catch (error) {
      await closed(socket);
      throw error;
    }
    return new DatagramHandle(socket);
  }

  /** Our address as it is now; after `connect` that of the interface in use. */
  get local(): DatagramAddress {
    const { address, port } = this.#socket.address();
    return { host: address, port };
  }

  start(sink: DatagramSink): void {
    this.#socket.on("message", (data, { address, port }) => {
      // A Buffer would let its user reach the pool behind it.
      sink.onDatagram(new Uint8Array(data.buffer, data.byteOffset, data.length), address, port);
    });
    this.#socket.on("error", (error) => sink.onError(error));
  }

  /** From now on only to and from `to`, whose refusals are told. */
  connect({ host, port }: DatagramAddress): Promise<void> {
    return new Promise((resolve, reject) => {
      // Node gives its failure to the same callback, which its types do not know.
      const done = (error?: Error) => (error === undefined ? resolve() : reject(error));
      this.#socket.connect(port, host, done);
    });
  }

  /** Resolves once the kernel has it; `data` is in use until then. @param to Undefined where it is connected. */
  send(data: Uint8Array, to: DatagramAddress | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (error: Error | null) => (error === null ? resolve() : reject(error));
      if (to === undefined) this.#socket.send(data, done);
      else this.#socket.send(data, to.port, to.host, done);
    });
  }

  /** Sends under way are given up. */
  close(): Promise<void> {
    return closed(this.#socket);
  }
}

function bound(socket: dgram.Socket, { host, port }: DatagramAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("listening", () => {
      socket.removeListener("error", reject);
      resolve();
    });
    // Exclusive: in a cluster each worker's socket is its own.
    socket.bind({ address: host, port, exclusive: true });
  });
}

function joinGroups(
  socket: dgram.Socket,
  { groups = [], interface: own, ttl, loopback }: MulticastOptions,
): void {
  if (own !== undefined) socket.setMulticastInterface(own);
  if (ttl !== undefined) socket.setMulticastTTL(ttl);
  if (loopback !== undefined) socket.setMulticastLoopback(loopback);
  for (const group of groups) socket.addMembership(group, own);
}

function closed(socket: dgram.Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.close(() => resolve());
  });
}
