// What all experiments of the lab look like: a title, two sentences that teach, the choices, and the events as they came.

import type { LabEvent, LabName } from "../../../hub.js";
import type { LabRun } from "../../lab/lab-feed.js";
import { count } from "../../parts/format.js";
import { type ComponentChildren, html, useLayoutEffect, useRef, type VNode } from "../html.js";

interface LessonProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** The part of the guide that says more. */
  readonly chapter: string;
}

export function Lesson({ title, chapter, children }: LessonProps): VNode {
  return html`<header class="lesson">
    <h2>${title}</h2>
    <p>${children} <a href=${`guide.html#${chapter}`} target="_blank">Read more</a></p>
  </header>`;
}

interface SliderProps {
  readonly id: string;
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly value: number;
  /** What the place of the slider means. */
  readonly shown: string;
  readonly onValue: (value: number) => void;
}

export function Slider({ id, label, min, max, value, shown, onValue }: SliderProps): VNode {
  return html`<div class="slider">
    <label for=${id}>${label}</label>
    <input
      id=${id}
      type="range"
      min=${min}
      max=${max}
      value=${value}
      aria-valuetext=${shown}
      onInput=${(event: InputEvent) => onValue(Number((event.target as HTMLInputElement).value))}
    />
    <output for=${id}>${shown}</output>
  </div>`;
}

interface ChoiceProps<Value extends string> {
  readonly name: string;
  readonly legend: string;
  readonly choices: readonly { readonly value: Value; readonly title: string }[];
  readonly value: Value;
  readonly onValue: (value: Value) => void;
}

export function Choice<Value extends string>({
  name,
  legend,
  choices,
  value,
  onValue,
}: ChoiceProps<Value>): VNode {
  return html`<fieldset class="choice">
    <legend>${legend}</legend>
    ${choices.map(
      (choice) => html`<label key=${choice.value}>
        <input
          type="radio"
          name=${name}
          value=${choice.value}
          checked=${choice.value === value}
          onChange=${() => onValue(choice.value)}
        />
        <span>${choice.title}</span>
      </label>`,
    )}
  </fieldset>`;
}

/** The button that starts a run, and what is to be said of it. */
export function Start({ run, title, onStart }: StartProps): VNode {
  return html`<div class="start">
    <button type="button" class="primary" onClick=${onStart}>${run.order === undefined ? title : `${title} again`}</button>
    <span class="note" role="status">
      ${run.isRunning ? "Running…" : run.problem === undefined ? "" : `It stopped: ${run.problem}`}
    </span>
  </div>`;
}

interface StartProps {
  readonly run: Pick<LabRun<LabName>, "isRunning" | "problem" | "order">;
  readonly title: string;
  readonly onStart: () => void;
}

const shownMax = 400;

/** All that the sockets did, in words, with the time since the run began. */
export function Diary({ events }: { readonly events: readonly LabEvent[] }): VNode | undefined {
  const list = useRef<HTMLOListElement>(null);
  const told = events.filter(({ text, event }) => text !== "" && event !== "counts").slice(-shownMax);
  useLayoutEffect(() => {
    const { current } = list;
    if (current !== null) current.scrollTop = current.scrollHeight;
  }, [events]);
  if (told.length === 0) return undefined;
  return html`<div class="diary-box">
    <h3>What happened</h3>
    <ol class="diary" ref=${list} tabindex="0" aria-label="What happened, in order">
      ${told.map(
        ({ atMs, who, text, event }, index) => html`<li key=${index} data-event=${event} data-who=${who}>
          <span class="diary-at">${count(atMs)} ms</span>
          <span class="diary-who">${who}</span>
          <bdi>${text}</bdi>
        </li>`,
      )}
    </ol>
  </div>`;
}
