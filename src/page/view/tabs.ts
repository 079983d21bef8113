// A row of tabs, as WAI-ARIA's pattern has them: one is in the tab order, the arrow keys go to the others.
// Invariant: a tab is a link, so it can be opened elsewhere and the back key returns to it.

import { nextIndex } from "../parts/arrow-keys.js";
import { html, useRef, type VNode } from "./html.js";

export interface TabItem {
  readonly id: string;
  readonly title: string;
  readonly href: string;
}

interface TabsProps {
  /** For those who do not see them. */
  readonly label: string;
  /** `main` → panels are called `main-panel-ID`. */
  readonly name: string;
  readonly items: readonly TabItem[];
  readonly current: string;
}

export function Tabs({ label, name, items, current }: TabsProps): VNode {
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const index = nextIndex(
      event.key,
      items.findIndex(({ id }) => id === current),
      items.length,
    );
    const item = index === undefined ? undefined : items[index];
    if (item === undefined) return;
    event.preventDefault();
    location.hash = item.href;
    list.current?.querySelector<HTMLElement>(`#${tabId(name, item.id)}`)?.focus();
  };
  return html`<div class=${`tabs tabs-${name}`} role="tablist" aria-label=${label} ref=${list} onKeyDown=${onKeyDown}>
    ${items.map(
      ({ id, title, href }) => html`<a
        key=${id}
        id=${tabId(name, id)}
        class="tab"
        role="tab"
        href=${href}
        aria-selected=${id === current ? "true" : "false"}
        aria-controls=${panelId(name, id)}
        tabindex=${id === current ? 0 : -1}
        >${title}</a
      >`,
    )}
  </div>`;
}

export function tabId(name: string, id: string): string {
  return `${name}-tab-${id}`;
}

export function panelId(name: string, id: string): string {
  return `${name}-panel-${id}`;
}
