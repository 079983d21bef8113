// Where the hub's admin code is typed. Invariant: it goes to the hub and is kept nowhere, not even in the field.

import type { LiveFeed } from "../../live/live-feed.js";
import type { LiveState } from "../../live/live-state.js";
import { html, useRef, type VNode } from "../html.js";

export function Admin({ live, state }: { readonly live: LiveFeed; readonly state: LiveState }): VNode {
  const field = useRef<HTMLInputElement>(null);
  const onSubmit = (event: Event) => {
    event.preventDefault();
    const { current } = field;
    if (current === null || current.value === "") return;
    live.order({ type: "unlock", code: current.value });
    current.value = "";
  };
  return html`<section class="card admin" aria-labelledby="admin-title">
    <h2 id="admin-title">Orders</h2>
    ${
      state.isUnlocked
        ? html`<p class="note">Unfold a row to cut, slow down or disconnect it.</p>`
        : html`<p class="note">
              Your own link you may always cut: unfold its row. For all else the hub wants its admin code,
              which it told when it started.
            </p>
            <form class="field" onSubmit=${onSubmit} autocomplete="off">
              <label for="code">Admin code</label>
              <input id="code" type="password" autocomplete="off" ref=${field} />
              <button type="submit">Unlock</button>
            </form>`
    }
    <p class="answer" role="status">${state.answer ?? ""}</p>
  </section>`;
}
