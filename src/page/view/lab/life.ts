// Life: a listener, a client and the server's end of the connection, side by side, as each step changes them.

import type { LifeSides, LifeStep, SocketView } from "../../../hub.js";
import type { Experimenter } from "../../lab/lab-feed.js";
import { lifeView, stateWords, stations, stepWords } from "../../lab/life-view.js";
import { several } from "../../parts/format.js";
import { html, type VNode } from "../html.js";
import { useStore } from "../use-store.js";
import { Diary, Lesson } from "./experiment.js";

const groups: readonly { readonly title: string; readonly steps: readonly LifeStep[] }[] = [
  { title: "Begin", steps: ["listen", "connect", "accept"] },
  { title: "Talk", steps: ["client-sends", "server-replies"] },
  { title: "Half-close", steps: ["client-ends", "server-ends"] },
  { title: "End", steps: ["client-closes", "server-closes", "client-resets"] },
  { title: "Backlog", steps: ["fill-backlog"] },
];

const wholeCall: readonly LifeStep[] = [
  "listen",
  "connect",
  "accept",
  "client-sends",
  "server-replies",
  "client-ends",
  "server-ends",
];

const sideTitles: { readonly [side in keyof LifeSides]: string } = {
  client: "The client",
  listener: "The server's listener",
  server: "The server's end",
};

export function Life({ experimenter }: { readonly experimenter: Experimenter<"life"> }): VNode {
  const run = useStore(experimenter.run);
  const view = lifeView(run.events);
  const step = (name: LifeStep) => {
    if (run.isRunning) experimenter.step(name);
    else experimenter.start({ steps: [name] });
  };
  return html`
    <${Lesson} title="The life of a connection" chapter="the-life-of-one">
      A server listens, a client connects, and the two ends live and end side by side, each in its own time. Who ends says
      only “I have no more to send”: the other may go on, which is a half-closed connection.
    <//>
    <div class="steps">
      ${groups.map(
        ({ title, steps }) => html`<div key=${title} class="step-group" role="group" aria-label=${title}>
          <span class="step-group-title">${title}</span>
          ${steps.map(
            (
              name,
            ) => html`<button type="button" class="small" key=${name} data-step=${name} onClick=${() => step(name)}>
              ${stepWords[name]}
            </button>`,
          )}
        </div>`,
      )}
      <div class="start">
        <button type="button" class="primary" onClick=${() => experimenter.start({ steps: wholeCall })}>
          A whole call
        </button>
        <button type="button" onClick=${() => experimenter.start({ steps: [] })}>Start over</button>
        <span class="note" role="status">
          ${run.problem === undefined ? (view.refused ?? "") : `It stopped: ${run.problem}`}
        </span>
      </div>
    </div>
    <div class="machines">
      ${(["client", "listener", "server"] as const).map(
        (side) => html`<${Machine} key=${side} side=${side} socket=${view.sides[side]} />`,
      )}
    </div>
    <${Backlog} backlog=${view.backlog} />
    <${Diary} events=${run.events} />
  `;
}

interface MachineProps {
  readonly side: keyof LifeSides;
  readonly socket: SocketView;
}

function Machine({ side, socket }: MachineProps): VNode {
  return html`<section class="machine" data-side=${side} data-state=${socket.state} aria-label=${sideTitles[side]}>
    <h3>${sideTitles[side]}</h3>
    <ol>
      ${stations[side].flatMap((row) =>
        row.map(
          (state) => html`<li
            key=${state}
            data-here=${String(state === socket.state)}
            aria-current=${state === socket.state ? "step" : undefined}
          >
            ${stateWords[state]}
          </li>`,
        ),
      )}
    </ol>
    <p class="kernel">
      ${socket.kernel === undefined ? "" : html`the kernel says <code>${socket.kernel}</code>`}
      ${socket.local === undefined ? "" : html` <bdi class="note">${socket.local}</bdi>`}
    </p>
  </section>`;
}

function Backlog({ backlog }: Pick<ReturnType<typeof lifeView>, "backlog">): VNode | undefined {
  if (backlog === undefined) return undefined;
  const kernel = Object.entries(backlog.kernel).map(([state, many]) => `${many} ${state}`);
  return html`<p class="backlog" data-open=${backlog.open} data-unanswered=${backlog.unanswered}>
    A listener with a backlog of ${backlog.backlog}, which accepts nobody: of ${several(backlog.tried, "client")}${" "}
    <strong>${backlog.open} were connected</strong> all the same, and <strong>${backlog.unanswered} had no answer</strong>.
    ${kernel.length === 0 ? "" : ` The kernel says: ${kernel.join(", ")}.`}
  </p>`;
}
