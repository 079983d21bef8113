// The lab: four experiments on real sockets of the hub's own machine, and what each of them teaches.

import type { LabFeed } from "../../lab/lab-feed.js";
import { type Experiment, experiments } from "../../parts/route.js";
import { html, type VNode } from "../html.js";
import { panelId, Tabs, tabId } from "../tabs.js";
import { Bytes } from "./bytes.js";
import { Cut } from "./cut.js";
import { Kinds } from "./kinds.js";
import { Life } from "./life.js";

const titles: { readonly [experiment in Experiment]: string } = {
  bytes: "Bytes",
  life: "Life",
  cut: "Cut",
  kinds: "Two kinds",
};
const items = experiments.map((id) => ({ id, title: titles[id], href: `#lab/${id}` }));
const views = { bytes: Bytes, life: Life, cut: Cut, kinds: Kinds } as const;

export function Lab({ lab, experiment }: { readonly lab: LabFeed; readonly experiment: Experiment }): VNode {
  return html`<div class="lab">
    <h1>Lab</h1>
    <p class="lead">
      Nothing here is drawn by hand: each experiment runs on sockets of the hub's machine, and shows what they did.
    </p>
    <${Tabs} label="Experiments" name="lab" items=${items} current=${experiment} />
    ${experiments.map(
      (id) => html`<section
        key=${id}
        id=${panelId("lab", id)}
        class="card experiment"
        role="tabpanel"
        aria-labelledby=${tabId("lab", id)}
        hidden=${id !== experiment}
      >
        <${views[id]} experimenter=${lab[id]} />
      </section>`,
    )}
  </div>`;
}
