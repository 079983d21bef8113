// The life cycle of a socket, step by step, and how long after the step before.

import type { LiveStep } from "../../../hub.js";
import { clockTime, duration } from "../../parts/format.js";
import { html, type VNode } from "../html.js";

export function Timeline({ steps }: { readonly steps: readonly LiveStep[] }): VNode {
  return html`<ol class="timeline" aria-label="Life cycle">
    ${steps.map(({ name, at, detail }, index) => {
      const before = steps[index - 1];
      const when = before === undefined ? clockTime(at) : `+${duration(at - before.at)}`;
      return html`<li key=${index} data-step=${name}>
        <span class="step-name">${name}</span>
        <span class="step-when">${when}</span>
        ${detail === undefined ? undefined : html`<bdi class="step-detail">${detail}</bdi>`}
      </li>`;
    })}
  </ol>`;
}
