// The table of what is open: sorted by any column, each row with its life cycle and what may be done to it.
// Invariant: rows are keyed by their sockets, so that a snapshot moves neither the focus nor what is unfolded.

import type { LiveSnapshot } from "../../../hub.js";
import { columns, type Order, reordered, rowsOf, sorted } from "../../live/columns.js";
import type { LiveFeed } from "../../live/live-feed.js";
import type { LiveState } from "../../live/live-state.js";
import { html, useState, type VNode } from "../html.js";
import { SocketRow } from "./socket-row.js";

interface SocketsProps {
  readonly live: LiveFeed;
  readonly state: LiveState;
  readonly snapshot: LiveSnapshot;
}

export function Sockets({ live, state, snapshot }: SocketsProps): VNode {
  const [order, setOrder] = useState<Order>({ column: "age", isDescending: false });
  const [unfolded, setUnfolded] = useState<ReadonlySet<number>>(new Set());
  const rows = sorted(rowsOf(snapshot.sockets, state.rates), order);
  const hidden = snapshot.socketsTotal - snapshot.sockets.length;
  const toggle = (id: number) => {
    const next = new Set(unfolded);
    if (!next.delete(id)) next.add(id);
    setUnfolded(next);
  };
  return html`<section class="card sockets" aria-labelledby="sockets-title">
    <h2 id="sockets-title">Open now</h2>
    <div class="sort-by">
      <label for="sort">Sort by</label>
      <select id="sort" value=${order.column} onChange=${(event: Event) => setOrder({ column: (event.target as HTMLSelectElement).value, isDescending: false })}>
        ${columns.map(({ id, title }) => html`<option key=${id} value=${id}>${title}</option>`)}
      </select>
    </div>
    <table role="table">
      <thead role="rowgroup">
        <tr role="row">
          ${columns.map(
            ({ id, title, about, isNumber }) => html`<th
              key=${id}
              role="columnheader"
              scope="col"
              class=${isNumber ? "number" : ""}
              aria-sort=${id === order.column ? (order.isDescending ? "descending" : "ascending") : "none"}
            >
              <button type="button" title=${about} onClick=${() => setOrder(reordered(order, id))}>${title}</button>
            </th>`,
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${rows.map(
          (row) => html`<${SocketRow}
            key=${row.socket.id}
            row=${row}
            live=${live}
            mayOrder=${state.isUnlocked}
            isUnfolded=${unfolded.has(row.socket.id)}
            onToggle=${() => toggle(row.socket.id)}
          />`,
        )}
      </tbody>
    </table>
    ${hidden > 0 ? html`<p class="note">and ${hidden} more</p>` : undefined}
  </section>`;
}
