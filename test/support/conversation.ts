// Plays a conversation of test/vectors/sessions.json: two machines, what their applications do, and what is said.
// Invariant: each application takes what arrives at once, so that what is told is the order in which it came.

import type { Flow } from "../../src/protocol/session/flow.js";
import { frameTypes } from "../../src/protocol/session/frames.js";
import { other, type SideName } from "./session-pair.js";
import { SessionSide } from "./session-side.js";

/** One thing that one side does; `ms` passes for both. */
export type Step = { readonly side: SideName } & (
  | { readonly does: "attach"; readonly received: number }
  | { readonly does: "cut" }
  | { readonly does: "wait"; readonly ms: number }
  | { readonly does: "send"; readonly stream: number; readonly message: string; readonly last?: boolean }
  | { readonly does: "open"; readonly name: string; readonly message?: string; readonly last?: boolean }
  | { readonly does: "end"; readonly stream: number }
  | { readonly does: "abort"; readonly stream: number; readonly code: string; readonly reason: string }
  | { readonly does: "close"; readonly reason: string }
  | { readonly does: "flush" }
  /** All that it has to say; if it `arrives`, the other side's application is `told` so. */
  | {
      readonly does: "write";
      readonly arrives: boolean;
      readonly hex?: string;
      readonly told?: readonly string[];
    }
);

export interface Conversation {
  readonly title: string;
  readonly steps: readonly Step[];
}

/** The steps with what was written and told in them. */
export function play({ steps }: Conversation): Step[] {
  const sides = { client: new SessionSide(), server: new SessionSide({ isClient: false }) };
  return steps.map((step) => {
    const side = sides[step.side];
    const flow = "stream" in step ? side.machine.streams.get(step.stream) : undefined;
    switch (step.does) {
      case "attach":
        side.attach(step.received);
        break;
      case "cut":
        side.machine.detach();
        break;
      case "wait":
        for (const each of Object.values(sides)) each.advance(step.ms);
        break;
      case "send":
        side.machine.send(known(flow), fromHex(step.message), step.last ?? false);
        break;
      case "open":
        side.open(step.name, step.message === undefined ? undefined : fromHex(step.message), step.last);
        break;
      case "end":
        side.wait(known(flow), frameTypes.end);
        break;
      case "abort":
        side.machine.abort(known(flow), { code: step.code, reason: step.reason }, new Error(step.reason));
        break;
      case "close":
        side.machine.close(step.reason);
        break;
      case "flush":
        side.machine.flush();
        break;
      case "write": {
        const bytes = side.output();
        const hex = Buffer.from(bytes).toString("hex");
        if (!step.arrives) return { side: step.side, does: step.does, arrives: false, hex };
        return {
          side: step.side,
          does: step.does,
          arrives: true,
          hex,
          told: hear(sides[other(step.side)], bytes),
        };
      }
    }
    return step;
  });
}

/** What an application is told of bytes that arrive, in the order of its streams. */
function hear(side: SessionSide, bytes: Uint8Array): string[] {
  const had = side.events.length;
  const before = new Map([...side.machine.streams].map((flow) => [flow, stateOf(flow)]));
  side.receive(bytes);
  const told = side.events.slice(had);
  for (const flow of side.told) {
    const name = flow.id === 0 ? "the session" : `stream ${flow.id}`;
    for (let message = side.read(flow); message !== undefined; message = side.read(flow)) {
      told.push(`message on ${name}: ${Buffer.from(message).toString("hex")}`);
    }
    const state = stateOf(flow);
    if (state !== (before.get(flow) ?? "open") && state !== "open") told.push(`${name} ${state}`);
  }
  side.told.clear();
  return told;
}

function stateOf(flow: Flow): string {
  if (flow.abortedByPeer !== undefined) return `aborted: ${flow.abortedByPeer.code}`;
  return flow.receiving === "open" ? "open" : "ended";
}

function known(flow: Flow | undefined): Flow {
  if (flow === undefined) throw new Error("no such stream");
  return flow;
}

function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, "hex"));
}
