// Talk: the room, a field to write in, who is here, and the link that may be cut.

import type { HubLink } from "../../link/hub-link.js";
import { several } from "../../parts/format.js";
import type { TalkFeed } from "../../talk/talk-feed.js";
import type { TalkState } from "../../talk/talk-state.js";
import { html, useState, type VNode } from "../html.js";
import { useStore } from "../use-store.js";
import { Lines } from "./lines.js";
import { LinkCard } from "./link-card.js";

interface TalkProps {
  readonly link: HubLink;
  readonly talk: TalkFeed;
}

export function Talk({ link, talk }: TalkProps): VNode {
  const state = useStore(talk.state);
  return html`<div class="talk">
    <h1 class="unseen">Talk</h1>
    <section class="card room" aria-labelledby="room-title">
      <h2 id="room-title">The room</h2>
      <${Lines} state=${state} onAgain=${(text: string) => talk.say(text)} />
      <${Field}
        id="say"
        label="Message"
        button="Send"
        placeholder="Say something to everyone here"
        lengthMax=${2_000}
        onText=${(text: string) => talk.say(text)}
      />
    </section>
    <${LinkCard} link=${link} state=${state} />
    <${Members} talk=${talk} state=${state} />
  </div>`;
}

function Members({ talk, state }: { readonly talk: TalkFeed; readonly state: TalkState }): VNode {
  const more = state.membersTotal - state.members.length - 1;
  return html`<section class="card members" aria-labelledby="members-title">
    <h2 id="members-title">Who is here</h2>
    <ul class="names">
      ${state.name === undefined ? undefined : html`<li data-you="true"><bdi>${state.name}</bdi> <span class="you">you</span></li>`}
      ${state.members.map((name) => html`<li key=${name}><bdi>${name}</bdi></li>`)}
      ${more > 0 ? html`<li class="more">and ${several(more, "more", "more")}</li>` : undefined}
    </ul>
    <${Field}
      id="name"
      label="Your name"
      button="Change"
      placeholder=${state.name ?? ""}
      lengthMax=${24}
      onText=${(name: string) => talk.rename(name)}
    />
  </section>`;
}

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly button: string;
  readonly placeholder: string;
  readonly lengthMax: number;
  readonly onText: (text: string) => void;
}

/** A line to write, and the button that takes it; it is empty again then, and still has the focus. */
function Field({ id, label, button, placeholder, lengthMax, onText }: FieldProps): VNode {
  const [text, setText] = useState("");
  const onSubmit = (event: Event) => {
    event.preventDefault();
    if (text.trim() === "") return;
    onText(text.trim());
    setText("");
  };
  return html`<form class="field" onSubmit=${onSubmit}>
    <label class=${id === "say" ? "unseen" : ""} for=${id}>${label}</label>
    <input
      id=${id}
      type="text"
      autocomplete="off"
      dir="auto"
      placeholder=${placeholder}
      maxlength=${lengthMax}
      value=${text}
      onInput=${(event: InputEvent) => setText((event.target as HTMLInputElement).value)}
    />
    <button type="submit">${button}</button>
  </form>`;
}
