// The state of the page's own link in a word, beside the tabs, and said aloud to whoever listens instead of looking.

import type { HubLink } from "../link/hub-link.js";
import { linkBadge, linkWords } from "../link/link-state.js";
import { html, type VNode } from "./html.js";
import { useClock, useStore } from "./use-store.js";

export function LinkBadge({ link }: { readonly link: HubLink }): VNode {
  const view = useStore(link.view);
  const now = useClock(view.name === "resuming", 100);
  return html`<div class="badge" data-link=${view.name}>
    <span class="dot" aria-hidden="true"></span>
    <span aria-hidden="true">${linkBadge(view, now)}</span>
    <span class="unseen" role="status">${linkWords(view, view.since)}</span>
  </div>`;
}
