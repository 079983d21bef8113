// Cut: the same messages over a session and over a plain connection, while the cable between them is broken.

import type { CutWay, PlainCounts, Score, SessionCounts } from "../../../hub.js";
import { cutView, type RoadState, total } from "../../lab/cut-view.js";
import type { Experimenter } from "../../lab/lab-feed.js";
import { count, several, size } from "../../parts/format.js";
import { html, useState, type VNode } from "../html.js";
import { useStore } from "../use-store.js";
import { Choice, Diary, Lesson, Slider, Start } from "./experiment.js";

const ways = [
  { value: "reset", title: "reset" },
  { value: "close", title: "close" },
  { value: "half-open", title: "half-open" },
] as const;

const roadWords: { readonly [state in RoadState]: string } = {
  whole: "the link is whole",
  silent: "the link is dead, and nobody knows",
  broken: "the link is broken",
};

export function Cut({ experimenter }: { readonly experimenter: Experimenter<"cut"> }): VNode {
  const run = useStore(experimenter.run);
  const [how, setHow] = useState<CutWay>("reset");
  const [messages, setMessages] = useState(200);
  const { counts, result, roads } = cutView(run.events);
  return html`
    <${Lesson} title="A cable that breaks" chapter="staying-connected">
      What was under way when a link breaks is gone, and TCP cannot say how much that was. A session keeps each message in
      its outbox until the other side has acknowledged its number, so it knows what to send again over the next link.
    <//>
    <div class="choices">
      <${Choice} name="how" legend="How it breaks" choices=${ways} value=${how} onValue=${setHow} />
      <${Slider}
        id="cut-messages"
        label="Messages each way"
        min=${10}
        max=${1_000}
        value=${messages}
        shown=${count(messages)}
        onValue=${setMessages}
      />
      <${Start} run=${run} title="Send and cut" onStart=${() => experimenter.start({ how, messages })} />
    </div>
    <div class="roads">
      <${Road}
        road="session"
        title="A session"
        state=${roads.session}
        client=${counts?.session.client}
        server=${counts?.session.server}
        score=${result === undefined ? undefined : total(result.session)}
        links=${result?.session.links}
      />
      <${Road}
        road="plain"
        title="A plain connection, dialled again"
        state=${roads.plain}
        client=${counts?.plain.client}
        server=${counts?.plain.server}
        score=${result === undefined ? undefined : total(result.plain)}
        links=${result?.plain.links}
      />
    </div>
    <${Diary} events=${run.events} />
  `;
}

interface RoadProps {
  readonly road: "session" | "plain";
  readonly title: string;
  readonly state: RoadState;
  readonly client: PlainCounts | SessionCounts | undefined;
  readonly server: PlainCounts | SessionCounts | undefined;
  readonly score: Score | undefined;
  readonly links: number | undefined;
}

function Road({ road, title, state, client, server, score, links }: RoadProps): VNode {
  return html`<section class="road" data-road=${road} data-state=${state} aria-label=${title}>
    <h3>${title}</h3>
    <p class="road-line"><span aria-hidden="true"></span>${roadWords[state]}</p>
    <div class="road-ends">
      <${End} title="client" counts=${client} />
      <${End} title="server" counts=${server} />
    </div>
    ${score === undefined ? undefined : html`<${Result} score=${score} links=${links} />`}
  </section>`;
}

function End({
  title,
  counts,
}: {
  readonly title: string;
  readonly counts: PlainCounts | SessionCounts | undefined;
}): VNode {
  return html`<div class="end" data-end=${title}>
    <h4>${title}</h4>
    <dl aria-label=${title}>
    <${Fact} name="sent" value=${counts?.sent} />
    <${Fact} name="arrived" value=${counts?.arrived} />
    <${Fact} name="link" value=${counts?.link} />
    ${
      counts !== undefined && "seq" in counts
        ? html`
            <${Fact} name="last seq sent" value=${counts.seq} />
            <${Fact} name="acknowledged" value=${counts.acknowledgedSeq} />
            <${Fact} name="received" value=${counts.receivedSeq} />
            <div class="fact fact-outbox">
              <dt>outbox</dt>
              <dd>
                ${several(counts.unacknowledged, "message")}, ${size(counts.outboxBytes)}
                <meter aria-label="Outbox" min="0" max="64" value=${Math.min(64, counts.unacknowledged)}></meter>
              </dd>
            </div>
          `
        : undefined
    }
    </dl>
  </div>`;
}

function Fact({ name, value }: { readonly name: string; readonly value: number | undefined }): VNode {
  return html`<div class="fact" data-fact=${name}><dt>${name}</dt><dd>${value === undefined ? "–" : count(value)}</dd></div>`;
}

function Result({ score, links }: { readonly score: Score; readonly links: number | undefined }): VNode {
  return html`<p class="result" data-lost=${score.lost} data-doubled=${score.doubled} data-arrived=${score.arrived}>
    Of ${count(score.sent)} sent, ${count(score.arrived)} arrived:${" "}
    <strong data-good=${String(score.lost === 0)}>${count(score.lost)} lost</strong>,${" "}
    <strong data-good=${String(score.doubled === 0)}>${count(score.doubled)} twice</strong>, over${" "}
    ${several(links ?? 0, "link")}.
  </p>`;
}
