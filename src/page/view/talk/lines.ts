// What was said, line by line. What others wrote is text and nothing else, each in a direction of its own.
// Invariant: it stays at the newest line only for whoever is there; whoever reads further up is not moved.

import type { Own, TalkLine, TalkState } from "../../talk/talk-state.js";
import { html, useLayoutEffect, useRef, type VNode } from "../html.js";

interface LinesProps {
  readonly state: TalkState;
  readonly onAgain: (text: string) => void;
}

const nearEndPixels = 48;

export function Lines({ state, onAgain }: LinesProps): VNode {
  const list = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useLayoutEffect(() => {
    const { current } = list;
    if (current !== null && isAtEnd.current) current.scrollTop = current.scrollHeight;
  }, [state.lines, state.pending]);
  const onScroll = () => {
    const { current } = list;
    if (current === null) return;
    isAtEnd.current = current.scrollHeight - current.scrollTop - current.clientHeight < nearEndPixels;
  };
  const isEmpty = state.lines.length === 0 && state.pending.length === 0;
  return html`<div class="lines" role="log" aria-label="What was said" tabindex="0" ref=${list} onScroll=${onScroll}>
    ${isEmpty ? html`<p class="line-empty">Nobody has said anything yet. Say hello, cut the link, and write on: nothing is lost.</p>` : undefined}
    ${state.lines.map((line, index) => {
      const follows = isSamePerson(state.lines[index - 1], line);
      return html`<${Line} key=${line.key} line=${line} follows=${follows} onAgain=${onAgain} />`;
    })}
    ${state.pending.map((own) => html`<${Pending} key=${`own-${own.id}`} own=${own} name=${state.name} />`)}
  </div>`;
}

interface LineProps {
  readonly line: TalkLine;
  /** The one above is from the same member, whose name stands there. */
  readonly follows: boolean;
  readonly onAgain: (text: string) => void;
}

function Line({ line, follows, onAgain }: LineProps): VNode {
  if (line.kind === "said") {
    return html`<p class="line" data-mine=${String(line.isMine)} data-follows=${String(follows)}>
      <bdi class="from" style=${{ "--hue": String(hueOf(line.from)) }}>${line.from}</bdi>
      <bdi class="text">${line.text}</bdi>
      ${line.isMine ? html`<span class="mark-arrived" title="Arrived"><span class="unseen">arrived</span></span>` : undefined}
    </p>`;
  }
  if (line.kind === "lost") {
    return html`<p class="line" data-mine="true" data-lost="true">
      <bdi class="text">${line.text}</bdi>
      <span class="line-state">not confirmed</span>
      <button class="small" type="button" onClick=${() => onAgain(line.text)}>Say it again</button>
    </p>`;
  }
  return html`<p class=${`line-${line.kind}`}><bdi>${line.text}</bdi></p>`;
}

function Pending({ own, name }: { readonly own: Own; readonly name: string | undefined }): VNode {
  return html`<p class="line" data-mine="true" data-pending="true">
    <bdi class="from" style=${{ "--hue": String(hueOf(name ?? "")) }}>${name ?? "you"}</bdi>
    <bdi class="text">${own.text}</bdi>
    <span class="line-state">on the way</span>
  </p>`;
}

function isSamePerson(above: TalkLine | undefined, line: TalkLine): boolean {
  return above?.kind === "said" && line.kind === "said" && above.from === line.from;
}

/** A colour for a name, the same wherever it is seen. */
function hueOf(name: string): number {
  let hash = 7;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 360;
  return hash;
}
