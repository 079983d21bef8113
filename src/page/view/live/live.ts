// Live: what the hub's sockets do just now, as numbers, as plots, and row by row.

import type { LiveFeed } from "../../live/live-feed.js";
import { count, several, size } from "../../parts/format.js";
import { html, type VNode } from "../html.js";
import { useStore } from "../use-store.js";
import { Admin } from "./admin.js";
import { Closed } from "./closed.js";
import { Plots } from "./plots.js";
import { Sockets } from "./sockets.js";

export function Live({ live }: { readonly live: LiveFeed }): VNode {
  const state = useStore(live.state);
  const { snapshot } = state;
  if (snapshot === undefined) {
    return html`<div class="live"><h1>Live</h1><p class="lead">Waiting for the hub's first word…</p></div>`;
  }
  const { totals } = snapshot;
  return html`<div class="live">
    <h1>Live</h1>
    <p class="lead">
      Every connection and session of this hub, as it is now: ${several(totals.open, "connection")} open,
      ${" "}${several(totals.sessions, "session")}, ${several(totals.members, "member")} in the room.
      ${" "}${several(totals.accepted, "connection")} accepted so far, ${count(totals.refused)} refused.
      In ${several(totals.messagesIn, "message")} (${size(totals.bytesIn)}), out${" "}
      ${several(totals.messagesOut, "message")} (${size(totals.bytesOut)}).
    </p>
    <${Plots} points=${state.points} />
    <${Sockets} live=${live} state=${state} snapshot=${snapshot} />
    <${Admin} live=${live} state=${state} />
    <${Closed} closed=${snapshot.closed} />
  </div>`;
}
