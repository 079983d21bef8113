// The last that closed, newest first: who ended it, and why.

import type { ClosedSocket } from "../../../hub.js";
import { clockTime, duration } from "../../parts/format.js";
import { html, type VNode } from "../html.js";
import { Timeline } from "./timeline.js";

const byWords: { readonly [by: string]: string } = {
  local: "by the hub",
  remote: "by the peer",
  network: "by the network",
};

export function Closed({ closed }: { readonly closed: readonly ClosedSocket[] }): VNode {
  return html`<section class="card closed" aria-labelledby="closed-title">
    <h2 id="closed-title">Why the last ones closed</h2>
    ${closed.length === 0 ? html`<p class="note">None has closed yet.</p>` : undefined}
    <ul>
      ${closed.map(
        (socket) => html`<li key=${socket.id} data-closed=${socket.id}>
          <details>
            <summary>
              <time>${clockTime(socket.at)}</time>
              <bdi class="closed-peer">${socket.remote}</bdi>
              <span class="closed-why"><bdi>${socket.reason}</bdi>, ${byWords[socket.by] ?? socket.by}</span>
              <span class="note">${socket.kind}, lived ${duration(socket.lifeMs)}</span>
            </summary>
            <${Timeline} steps=${socket.timeline} />
          </details>
        </li>`,
      )}
    </ul>
  </section>`;
}
