// What every stream transport must do where it listens and dials, as tests that run against any of them.

import assert from "node:assert/strict";

import { type Endpoint, parseEndpoint } from "../core/endpoint.js";
import { DisconnectedError, UsageError } from "../core/errors.js";
import type { LifecycleEvent } from "../core/lifecycle.js";
import type { ByteStream } from "../transport/byte-stream.js";
import type { StreamListener, Transport } from "../transport/transport.js";
import type { RegisterTest } from "./framing-contract.js";
import { plainOptions } from "./open-pair.js";
import { StreamDriver } from "./stream-driver.js";

export interface ListenerContractOptions<E extends Endpoint> {
  /** Stands before each test's name. */
  readonly name: string;
  readonly transport: Transport<E>;
  /** A free endpoint to listen on: a port of 0, or a new name or path each time. */
  endpoint(): E;
}

/** Registers the contract of `Transport` and its listeners with `test`. */
export function listenerContract<E extends Endpoint>(
  test: RegisterTest,
  options: ListenerContractOptions<E>,
): void {
  const { name, transport, endpoint } = options;

  const story = (title: string, body: (scene: Scene<E>) => Promise<void>): void => {
    test(`${name}: ${title}`, async () => {
      const scene = new Scene(transport);
      try {
        await body(scene);
      } finally {
        await scene.clear();
      }
    });
  };

  story("a listener says where it is, and can be dialled there", async (scene) => {
    const listener = await scene.listen(endpoint());
    const [dialer, accepted] = await scene.connect(listener);
    await dialer.write(new TextEncoder().encode("hello"));
    assert.deepEqual(await accepted.received(5), new TextEncoder().encode("hello"));
    assert.equal(accepted.stream.local, dialer.stream.remote);
  });

  story("two listeners have two addresses and two ids", async (scene) => {
    const [one, two] = [await scene.listen(endpoint()), await scene.listen(endpoint())];
    assert.notEqual(one.endpoint, two.endpoint);
    assert.notEqual(one.id, two.id);
  });

  story("an address in use is told as such, and its listener goes on", async (scene) => {
    const listener = await scene.listen(endpoint());
    await assert.rejects(scene.listen(parseEndpoint(listener.endpoint) as E), (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.code, "ERR_ADDRESS_IN_USE");
      assert.equal(error.endpoint, listener.endpoint);
      return true;
    });
    await scene.connect(listener);
  });

  story("nobody listening is a refusal that names the endpoint", async (scene) => {
    const listener = await scene.listen(endpoint());
    await listener.close();
    await assert.rejects(scene.dial(listener.endpoint), (error) => {
      assert.ok(error instanceof DisconnectedError);
      // A Unix socket that nobody listens on is usually not there at all.
      assert.match(error.code, /^ERR_(CONNECTION_REFUSED|NO_SUCH_SOCKET)$/);
      assert.equal(error.endpoint, listener.endpoint);
      return true;
    });
  });

  story("closing frees the address, and closing again does no harm", async (scene) => {
    const first = await scene.listen(endpoint());
    await first.close();
    const second = await scene.listen(parseEndpoint(first.endpoint) as E);
    assert.equal(second.endpoint, first.endpoint);
    await first.close();
    await scene.connect(second);
  });

  story("streams live on when their listener closes", async (scene) => {
    const listener = await scene.listen(endpoint());
    const [dialer, accepted] = await scene.connect(listener);
    await listener.close();
    await accepted.write(Uint8Array.of(1, 2, 3));
    assert.deepEqual(await dialer.received(3), Uint8Array.of(1, 2, 3));
  });

  story("a stream may be refused by an abort at once, and the next one is served", async (scene) => {
    let refusing = true;
    const listener = await scene.listen(endpoint(), (stream) => {
      if (refusing) stream.abort();
      return !refusing;
    });
    // The dialler may be told before or after it is connected.
    const refused = await scene.dial(listener.endpoint).catch((error: unknown) => error);
    if (refused instanceof StreamDriver) {
      await refused.ended();
      assert.equal(refused.told.chunk, 0);
    } else assert.ok(refused instanceof DisconnectedError);
    refusing = false;
    await scene.connect(listener);
  });

  story("many that come at once are all taken", async (scene) => {
    const listener = await scene.listen(endpoint());
    const dialers = await Promise.all(Array.from({ length: 20 }, () => scene.dial(listener.endpoint)));
    const ids = new Set([listener.id]);
    for (const { stream } of dialers) ids.add(stream.id);
    for (let index = 0; index < 20; index += 1) ids.add((await scene.accepted()).stream.id);
    assert.equal(ids.size, 41);
  });

  story("a dial that is aborted rejects with the signal's own reason", async (scene) => {
    const listener = await scene.listen(endpoint());
    const reason = new Error("changed my mind");
    const stop = new AbortController();
    const dialing = scene.dial(listener.endpoint, stop.signal);
    stop.abort(reason);
    await assert.rejects(dialing, (error) => error === reason);
    await assert.rejects(scene.dial(listener.endpoint, stop.signal), (error) => error === reason);
  });

  story("the life of a listener is told in order", async (scene) => {
    const listener = await scene.listen(endpoint());
    const [, accepted] = await scene.connect(listener);
    await listener.close();
    const told = scene.events.filter(({ id }) => id === listener.id).map((event) => event.name);
    assert.deepEqual(told, ["created", "bound", "listening", "closed"]);
    const taken = scene.events.filter(({ id }) => id === accepted.stream.id);
    assert.deepEqual(
      taken.map((event) => [event.name, event.kind, event.local, event.remote]),
      [["accepted", "connection", accepted.stream.local, accepted.stream.remote]],
    );
  });
}

/** What one test opened, so that nothing of it stays behind. */
class Scene<E extends Endpoint> {
  /** Of the listeners and what they took. */
  readonly events: LifecycleEvent[] = [];
  readonly #transport: Transport<E>;
  readonly #listeners: StreamListener[] = [];
  readonly #drivers: StreamDriver[] = [];
  readonly #accepted: StreamDriver[] = [];
  #onAccepted: () => void = () => {};

  constructor(transport: Transport<E>) {
    this.#transport = transport;
  }

  /** @param takes False for a stream that it has refused. */
  async listen(endpoint: E, takes: (stream: ByteStream) => boolean = () => true): Promise<StreamListener> {
    const options = { ...plainOptions, observer: (event: LifecycleEvent) => this.events.push(event) };
    const listener = await this.#transport.listen(endpoint, options, (stream) => {
      if (!takes(stream)) return;
      this.#accepted.push(this.#drive(stream));
      this.#onAccepted();
    });
    this.#listeners.push(listener);
    return listener;
  }

  async dial(endpoint: string, signal?: AbortSignal): Promise<StreamDriver> {
    return this.#drive(await this.#transport.dial(parseEndpoint(endpoint) as E, { ...plainOptions, signal }));
  }

  async accepted(): Promise<StreamDriver> {
    for (;;) {
      const driver = this.#accepted.shift();
      if (driver !== undefined) return driver;
      await new Promise<void>((resolve) => {
        this.#onAccepted = resolve;
      });
    }
  }

  async connect(listener: StreamListener): Promise<[StreamDriver, StreamDriver]> {
    return [await this.dial(listener.endpoint), await this.accepted()];
  }

  async clear(): Promise<void> {
    await Promise.all(this.#drivers.map((driver) => driver.release()));
    await Promise.all(this.#listeners.map((listener) => listener.close()));
    for (const driver of this.#drivers) driver.check();
  }

  #drive(stream: ByteStream): StreamDriver {
    const driver = new StreamDriver(stream).start();
    this.#drivers.push(driver);
    return driver;
  }
}
