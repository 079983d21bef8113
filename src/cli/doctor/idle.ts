// Half-open survival: whether a connection on which nothing moves is still one after a while. What stands between two
// machines, such as a NAT or a load balancer, forgets idle connections, and often tells neither side.

import { type Connection, connect, formatEndpoint, TimeoutError } from "../../index.js";
import { formatMs } from "../report/units.js";
import { type Finding, failure } from "./finding.js";
import type { Patient } from "./patient.js";
import { openUpgrade, upgrade } from "./upgrade.js";

const advice =
  "have something sent more often than that, as sessions do every 5 s, or raise the idle timeout on the way";

export async function checkIdle({ endpoint, settings, waitMs }: Patient): Promise<readonly Finding[]> {
  if (waitMs === 0) return [];
  const isWebSocket = endpoint.scheme === "ws" || endpoint.scheme === "wss";
  const { timeoutMs } = settings;
  const waited = `idle for ${formatMs(waitMs)}`;
  try {
    await using connection = await (isWebSocket
      ? openUpgrade(endpoint, settings)
      : connect(formatEndpoint(endpoint), settings));
    if (isWebSocket) await upgrade(connection, endpoint, timeoutMs);
    const started = performance.now();
    if (!(await staysOpen(connection, waitMs))) {
      const says = `the peer ends a connection that is idle after ${formatMs(performance.now() - started)}`;
      return [{ status: "warning", layer: "network", says, advice }];
    }
    if (await (isWebSocket ? pong(connection, timeoutMs) : answersEnd(connection, timeoutMs))) {
      return [
        { status: "ok", layer: "network", says: `${waited}, a connection still carries bytes both ways` },
      ];
    }
    const says = `${waited}, a connection carries nothing back: it is gone on the way, or its peer takes no notice`;
    return [{ status: "warning", layer: "network", says, advice }];
  } catch (error) {
    return [{ ...failure("network", error, `${waited}: `), advice }];
  }
}

/** Whether nobody ends it meanwhile; what the peer has to say is no end. */
async function staysOpen(connection: Connection, waitMs: number): Promise<boolean> {
  const until = performance.now() + waitMs;
  try {
    for (;;) {
      const chunk = await connection.receive({ timeoutMs: Math.max(0, until - performance.now()) });
      if (chunk === undefined) return false;
    }
  } catch (error) {
    if (error instanceof TimeoutError) return true;
    throw error;
  }
}

/** A half-close says nothing in any protocol, and most peers answer it with their own. */
async function answersEnd(connection: Connection, timeoutMs: number): Promise<boolean> {
  await connection.end();
  return !(await staysOpen(connection, timeoutMs));
}

/** A Ping (RFC 6455 section 5.5.2), masked with zeros; any byte that comes back will do. */
async function pong(connection: Connection, timeoutMs: number): Promise<boolean> {
  await connection.send(new Uint8Array([0x89, 0x80, 0, 0, 0, 0]));
  try {
    return (await connection.receive({ timeoutMs })) !== undefined;
  } catch (error) {
    if (error instanceof TimeoutError) return false;
    throw error;
  }
}
