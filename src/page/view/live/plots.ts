// Three plots of the last two minutes: messages, bytes, connections. Each says its newest numbers in words as well.
// Invariant: colours come from the page's own style, and are taken again when light turns to dark.

import uPlot from "uplot";
import { plottedMs } from "../../live/live-state.js";
import type { Point } from "../../live/rates.js";
import { count, rate, size } from "../../parts/format.js";
import { html, useEffect, useRef, type VNode } from "../html.js";

interface Line {
  readonly name: string;
  readonly of: (point: Point) => number;
  /** A custom property of the style. */
  readonly colour: string;
}

interface PlotPlan {
  readonly title: string;
  readonly lines: readonly [Line, Line];
  readonly format: (value: number) => string;
}

const plans: readonly PlotPlan[] = [
  {
    title: "Messages/s",
    lines: [
      { name: "in", of: ({ messagesIn }) => messagesIn, colour: "--plot-in" },
      { name: "out", of: ({ messagesOut }) => messagesOut, colour: "--plot-out" },
    ],
    format: rate,
  },
  {
    title: "Bytes/s",
    lines: [
      { name: "in", of: ({ bytesIn }) => bytesIn, colour: "--plot-in" },
      { name: "out", of: ({ bytesOut }) => bytesOut, colour: "--plot-out" },
    ],
    format: size,
  },
  {
    title: "Open now",
    lines: [
      { name: "connections", of: ({ connections }) => connections, colour: "--plot-in" },
      { name: "sessions", of: ({ sessions }) => sessions, colour: "--plot-out" },
    ],
    format: count,
  },
];

const heightPixels = 120;

export function Plots({ points }: { readonly points: readonly Point[] }): VNode {
  return html`<div class="plots">
    ${plans.map((plan) => html`<${Plot} key=${plan.title} plan=${plan} points=${points} />`)}
  </div>`;
}

function Plot({ plan, points }: { readonly plan: PlotPlan; readonly points: readonly Point[] }): VNode {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  useEffect(() => {
    const { current } = place;
    if (current === null) return;
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const draw = () => {
      plot.current?.destroy();
      plot.current = new uPlot(options(plan, current), plot.current?.data ?? dataOf(plan, points), current);
    };
    draw();
    dark.addEventListener("change", draw);
    const sized = new ResizeObserver(() =>
      plot.current?.setSize({ width: current.clientWidth, height: heightPixels }),
    );
    sized.observe(current);
    return () => {
      sized.disconnect();
      dark.removeEventListener("change", draw);
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, []);
  useEffect(() => plot.current?.setData(dataOf(plan, points)), [points]);
  const last = points.at(-1);
  const words = plan.lines.map(
    ({ name, of }) => `${name} ${last === undefined ? "–" : plan.format(of(last))}`,
  );
  return html`<figure class="card plot">
    <figcaption>
      <span class="plot-title">${plan.title}</span>
      ${plan.lines.map(
        ({ name, colour }, index) =>
          html`<span key=${name} class="plot-line" data-colour=${colour}>${words[index]}</span>`,
      )}
    </figcaption>
    <div ref=${place} class="plot-place" role="img" aria-label=${`${plan.title}, the last two minutes; now ${words.join(", ")}`}></div>
  </figure>`;
}

function dataOf({ lines: [one, other] }: PlotPlan, points: readonly Point[]): uPlot.AlignedData {
  return [points.map(({ at }) => at / 1_000), points.map(one.of), points.map(other.of)];
}

function options({ lines, format }: PlotPlan, place: HTMLElement): uPlot.Options {
  const style = getComputedStyle(place);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour("--text-2"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
    font: `11px ${style.fontFamily}`,
  };
  return {
    width: place.clientWidth,
    height: heightPixels,
    cursor: { show: false },
    legend: { show: false },
    padding: [8, 8, 0, 0],
    scales: {
      x: { time: true, range: (_plot, _min, max) => [max - plottedMs / 1_000, max] },
      y: { range: (_plot, _min, max) => [0, Math.max(1, (max ?? 0) * 1.15)] },
    },
    axes: [
      { ...axis, size: 24, space: 60, values: (_plot, at) => at.map((one) => ago(one, at)) },
      { ...axis, size: 52, space: 28, values: (_plot, values) => values.map(format) },
    ],
    series: [
      {},
      ...lines.map(({ name, colour: property }, index) => ({
        label: name,
        stroke: colour(property),
        width: 2,
        points: { show: false },
        ...(index === 0 ? { fill: colour("--plot-fill") } : {}),
      })),
    ],
  };
}

/** The clock's minutes and seconds: shorter than a whole time, and all that two minutes need. */
function ago(at: number, _all: readonly number[]): string {
  const date = new Date(at * 1_000);
  return `${date.getMinutes()}:${String(date.getSeconds()).padStart(2, "0")}`;
}
