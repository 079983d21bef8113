// One socket of the table: its numbers, and unfolded its life cycle and what may be done to it.

import { columns, type Row, totalsOf } from "../../live/columns.js";
import type { LiveFeed } from "../../live/live-feed.js";
import { html, type VNode } from "../html.js";
import { Timeline } from "./timeline.js";

interface SocketRowProps {
  readonly row: Row;
  readonly live: LiveFeed;
  /** The hub has our admin code; without it one may cut one's own link. */
  readonly mayOrder: boolean;
  readonly isUnfolded: boolean;
  readonly onToggle: () => void;
}

/** What a throttled connection is left with. */
const slowBytesPerSecond = 200;

export function SocketRow({ row, live, mayOrder, isUnfolded, onToggle }: SocketRowProps): VNode {
  const { socket } = row;
  const detailId = `socket-${socket.id}`;
  return html`
    <tr role="row" data-socket=${socket.id} data-you=${String(socket.isYou)} data-unfolded=${String(isUnfolded)}>
      ${columns.map((column) => {
        if (column.id === "peer")
          return html`<${Peer} key="peer" row=${row} ...${{ isUnfolded, onToggle, detailId }} />`;
        return html`<td key=${column.id} role="cell" class=${column.isNumber ? "number" : ""} data-title=${column.title}>
          ${column.id === "state" ? html`<${State} row=${row} />` : column.show(row)}
        </td>`;
      })}
    </tr>
    ${
      isUnfolded
        ? html`<tr role="row" class="detail" id=${detailId}>
            <td role="cell" class="detail-cell" colspan=${columns.length}>
              <${Timeline} steps=${socket.timeline} />
              <p class="note">${totalsOf(row)}</p>
              <${Orders} row=${row} live=${live} mayOrder=${mayOrder} />
            </td>
          </tr>`
        : undefined
    }
  `;
}

interface PeerProps {
  readonly row: Row;
  readonly isUnfolded: boolean;
  readonly onToggle: () => void;
  readonly detailId: string;
}

function Peer({ row: { socket }, isUnfolded, onToggle, detailId }: PeerProps): VNode {
  return html`<td role="cell" class="peer">
    <button
      type="button"
      class="unfold"
      aria-expanded=${String(isUnfolded)}
      aria-controls=${isUnfolded ? detailId : undefined}
      onClick=${onToggle}
    >
      <bdi>${socket.remote === "" ? socket.local : socket.remote}</bdi>
    </button>
    <span class="peer-kind">
      ${socket.kind}${socket.session === undefined ? "" : ` ${socket.session.slice(0, 6)}`} · ${socket.door} door
      ${socket.isYou ? html`<span class="you">you</span>` : undefined}
    </span>
  </td>`;
}

function State({ row: { socket } }: { readonly row: Row }): VNode {
  const { state, throttledBytesPerSecond: slow } = socket;
  return html`<span class="state" data-state=${state}>${state}</span>${
    slow === undefined || slow === 0
      ? undefined
      : html` <span class="state" data-state="slowed">slowed</span>`
  }`;
}

function Orders({
  row: { socket },
  live,
  mayOrder,
}: Pick<SocketRowProps, "row" | "live" | "mayOrder">): VNode | undefined {
  if (socket.kind === "listener") return undefined;
  const { id } = socket;
  const isSlow = (socket.throttledBytesPerSecond ?? 0) > 0;
  const pace = isSlow ? 0 : slowBytesPerSecond;
  return html`<div class="orders" role="group" aria-label=${`What to do to ${socket.remote}`}>
    <button type="button" class="small" disabled=${!(mayOrder || socket.isYou)} onClick=${() => live.order({ type: "cut", id })}>Cut</button>
    <button type="button" class="small" disabled=${!mayOrder} onClick=${() => live.order({ type: "throttle", id, bytesPerSecond: pace })}>
      ${isSlow ? "Full pace" : "Slow down"}
    </button>
    <button type="button" class="small" disabled=${!mayOrder} onClick=${() => live.order({ type: "disconnect", id })}>Disconnect</button>
    ${mayOrder ? undefined : html`<span class="note">This takes the admin code, below${socket.isYou ? ", but for a cut of your own link" : ""}.</span>`}
  </div>`;
}
