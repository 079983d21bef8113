// The page's own link: what it is now, the button that cuts it, and the account of what was said over it.

import type { HubLink } from "../../link/hub-link.js";
import { linkWords } from "../../link/link-state.js";
import { count, several } from "../../parts/format.js";
import type { TalkState } from "../../talk/talk-state.js";
import { html, type VNode } from "../html.js";
import { useClock, useStore } from "../use-store.js";
import { Cable } from "./cable.js";

interface LinkCardProps {
  readonly link: HubLink;
  readonly state: TalkState;
}

export function LinkCard({ link, state }: LinkCardProps): VNode {
  const view = useStore(link.view);
  const now = useClock(view.name === "resuming", 100);
  const waiting = state.pending.length;
  return html`<section class="card link-card" aria-labelledby="link-title" data-link=${view.name}>
    <h2 id="link-title">Your link</h2>
    <${Cable} isWhole=${view.name === "open"} breaks=${view.breaks} waiting=${waiting} />
    <p class="link-words" id="link-words">${linkWords(view, now)}</p>
    <button class="cut" type="button" disabled=${view.name !== "open"} onClick=${() => link.cut()}>
      <${Scissors} />Cut the link
    </button>
    <dl class="counts" aria-label="Messages of this page">
      <${Count} name="sent" value=${state.sent} about="Said by you" />
      <${Count} name="arrived" value=${state.arrived} about="Came back from the room" />
      <${Count} name="lost" value=${state.lost} about="The session ended before they were confirmed" />
    </dl>
    <p class="account">
      ${waiting > 0 ? html`<strong>${count(waiting)} on the way.</strong> ` : undefined}
      ${several(view.breaks, "cut")}. From the room: ${several(state.heard, "message")},${" "}
      ${several(state.holes, "hole")}, ${several(state.doubles, "double")}.
    </p>
  </section>`;
}

interface CountProps {
  readonly name: string;
  readonly value: number;
  readonly about: string;
}

function Count({ name, value, about }: CountProps): VNode {
  return html`<div class="count" data-count=${name} data-zero=${String(value === 0)} title=${about}>
    <dt>${name}</dt>
    <dd>${count(value)}</dd>
  </div>`;
}

function Scissors(): VNode {
  return html`<svg class="glyph" viewBox="0 0 24 24" aria-hidden="true">
    <circle cx="6" cy="6" r="3" />
    <circle cx="6" cy="18" r="3" />
    <path d="M8.6 7.5 L20 18 M8.6 16.5 L20 6" />
  </svg>`;
}
