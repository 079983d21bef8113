// The link as a picture: this page, the hub, and the cable between them, whole or cut.
// Invariant: it tells nothing that is not also said in words, so it is hidden from whoever cannot see it.

import { html, type VNode } from "../html.js";

interface CableProps {
  readonly isWhole: boolean;
  /** How often it has been cut: each time it is seen to part and to join again. */
  readonly breaks: number;
  /** How many messages wait on this side. */
  readonly waiting: number;
}

const beadsMax = 6;

export function Cable({ isWhole, breaks, waiting }: CableProps): VNode {
  const beads = Array.from({ length: Math.min(waiting, beadsMax) }, (_, index) => index);
  return html`<svg
    class="cable"
    data-whole=${String(isWhole)}
    data-breaks=${breaks > 0 ? breaks : undefined}
    viewBox="0 0 320 72"
    preserveAspectRatio="xMidYMid meet"
    aria-hidden="true"
  >
    <g key=${breaks}>
      <path class="cable-left" d="M58 30 H160" />
      <path class="cable-right" d="M160 30 H262" />
      <path class="cable-spark" d="M160 14 v6 M148 18 l4 5 M172 18 l-4 5 M160 46 v-6 M148 42 l4 -5 M172 42 l-4 -5" />
    </g>
    ${beads.map((index) => html`<circle key=${index} class="cable-bead" cx=${70 + index * 12} cy="30" r="4" />`)}
    <g class="cable-end">
      <rect x="14" y="12" width="44" height="36" rx="7" />
      <path d="M14 22 H58" />
      <circle cx="20.5" cy="17" r="1.5" />
      <circle cx="26" cy="17" r="1.5" />
    </g>
    <text x="36" y="66">this page</text>
    <g class="cable-end">
      <rect x="262" y="12" width="44" height="16" rx="5" />
      <rect x="262" y="32" width="44" height="16" rx="5" />
      <circle cx="270" cy="20" r="2" />
      <circle cx="270" cy="40" r="2" />
    </g>
    <text x="284" y="66">the hub</text>
  </svg>`;
}
