// What the experiment Life shows, out of its events: how each socket stands, and all that has happened on the way there.

import type { LabEvent, LifeEvents, LifeSides, LifeStep, SocketView } from "../../hub.js";

export interface LifeView {
  readonly sides: LifeSides;
  readonly backlog: LifeEvents["backlog"] | undefined;
  /** Why the last step could not be done. */
  readonly refused: string | undefined;
}

const nowhere: SocketView = { state: "none", kernel: undefined, local: undefined };

export function lifeView(events: readonly LabEvent<"life">[]): LifeView {
  let view: LifeView = {
    sides: { listener: nowhere, client: nowhere, server: nowhere },
    backlog: undefined,
    refused: undefined,
  };
  for (const event of events) {
    if (event.event === "backlog") view = { ...view, backlog: event.data, refused: undefined };
    else
      view = {
        ...view,
        sides: event.data.sides,
        refused: event.event === "refused" ? event.text : undefined,
      };
  }
  return view;
}

/** Our words for where a socket stands, in the order of a life. */
export const stateWords: { readonly [state in SocketView["state"]]: string } = {
  none: "not there",
  listening: "listening",
  connecting: "connecting",
  waiting: "waiting to be accepted",
  open: "open",
  "ended-here": "ended here, still reads",
  "ended-there": "the other has ended, still writes",
  closed: "closed",
};

/** The stations of each side's life, for the machines that are drawn side by side. */
export const stations: {
  readonly [side in keyof LifeSides]: readonly (readonly SocketView["state"][])[];
} = {
  listener: [["none"], ["listening"], ["closed"]],
  client: [["none"], ["connecting"], ["open"], ["ended-here", "ended-there"], ["closed"]],
  server: [["none"], ["waiting"], ["open"], ["ended-here", "ended-there"], ["closed"]],
};

export const stepWords: { readonly [step in LifeStep]: string } = {
  listen: "Server: listen",
  connect: "Client: connect",
  accept: "Server: accept",
  "client-sends": "Client: send",
  "server-replies": "Server: reply",
  "client-ends": "Client: end",
  "server-ends": "Server: end",
  "client-closes": "Client: close",
  "server-closes": "Server: close",
  "client-resets": "Client: reset",
  "fill-backlog": "Fill a backlog",
};
