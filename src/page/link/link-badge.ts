// The state of the page's own link in a word, beside the tabs, and said aloud to whoever listens instead of looking.

import { html, type VNode } from "../parts/html.js";
import { useClock, useStore } from "../parts/use-store.js";
import type { HubLink } from "./hub-link.js";
import { linkBadge, linkWords } from "./link-state.js";

export function LinkBadge({ link }: { readonly link: HubLink }): VNode {
  const view = useStore(link.view);
  const now = useClock(view.name === "resuming", 100);
  return html`<div class="badge" data-link=${view.name}>
    <span class="dot" aria-hidden="true"></span>
    <span aria-hidden="true">${linkBadge(view, now)}</span>
    <span class="unseen" role="status">${linkWords(view, view.since)}</span>
  </div>`;
}
