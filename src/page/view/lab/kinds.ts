// Two kinds: the same numbers over a stream socket and over a datagram socket, on a road that loses some.

import { kindsView, type NumberCell } from "../../lab/kinds-view.js";
import type { Experimenter } from "../../lab/lab-feed.js";
import { count, several } from "../../parts/format.js";
import { html, useState, type VNode } from "../html.js";
import { useStore } from "../use-store.js";
import { Diary, Lesson, Slider, Start } from "./experiment.js";

const seedMax = 2 ** 32;
const howWords: { readonly [how in NumberCell["how"]]: string } = {
  arrived: "arrived",
  late: "arrived late",
  missing: "missing",
};

export function Kinds({ experimenter }: { readonly experimenter: Experimenter<"kinds"> }): VNode {
  const run = useStore(experimenter.run);
  const [messages, setMessages] = useState(60);
  const [lossPercent, setLossPercent] = useState(15);
  const { tcp, udp } = kindsView(run.events);
  const start = () => {
    const seed = Math.floor(Math.random() * seedMax);
    experimenter.start({ messages, lossPercent, seed });
  };
  return html`
    <${Lesson} title="Two kinds of socket" chapter="kinds">
      TCP delivers every byte, in order, and makes you wait for what was lost on the way. UDP delivers what comes as it
      comes: numbers may be missing or overtake each other, and nobody tells you.
    <//>
    <div class="choices">
      <${Slider}
        id="kinds-messages"
        label="Messages"
        min=${10}
        max=${300}
        value=${messages}
        shown=${count(messages)}
        onValue=${setMessages}
      />
      <${Slider}
        id="loss"
        label="Datagrams lost"
        min=${0}
        max=${90}
        value=${lossPercent}
        shown=${`${lossPercent} %`}
        onValue=${setLossPercent}
      />
      <${Start} run=${run} title="Send over both" onStart=${start} />
    </div>
    <div class="kinds">
      <${Numbers} kind="tcp" title="TCP" cells=${tcp} />
      <${Numbers} kind="udp" title="UDP" cells=${udp} />
    </div>
    <p class="legend">
      <span class="number" data-how="arrived">7</span> arrived
      <span class="number" data-how="late">8</span> behind a higher number
      <span class="number" data-how="missing">9</span> never came
    </p>
    <${Diary} events=${run.events} />
  `;
}

interface NumbersProps {
  readonly kind: "tcp" | "udp";
  readonly title: string;
  readonly cells: readonly NumberCell[];
}

function Numbers({ kind, title, cells }: NumbersProps): VNode {
  const many = (how: NumberCell["how"]) => cells.filter((cell) => cell.how === how).length;
  const [arrived, late, missing] = [many("arrived") + many("late"), many("late"), many("missing")];
  return html`<section class="kind" data-kind=${kind} aria-label=${title}>
    <h3>${title}</h3>
    <p class="note">${several(arrived, "message")} arrived, ${count(missing)} missing, ${count(late)} out of order</p>
    <ol class="numbers">
      ${cells.map(
        ({ number, how }, index) =>
          html`<li key=${index} class="number" data-how=${how}>
            ${number}<span class="unseen"> ${howWords[how]}</span>
          </li>`,
      )}
    </ol>
  </section>`;
}
