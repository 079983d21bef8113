// Bytes: what a program sends as messages, and the chunks in which the other side really receives it.

import type { BytesOrder } from "../../../hub.js";
import { type Block, bytesView, type ChunkBlock, type ReaderView, readSizes } from "../../lab/bytes-view.js";
import type { Experimenter } from "../../lab/lab-feed.js";
import { several } from "../../parts/format.js";
import { html, useState, type VNode } from "../html.js";
import { useStore } from "../use-store.js";
import { Choice, Diary, Lesson, Slider, Start } from "./experiment.js";

const framings = [
  { value: "none", title: "off" },
  { value: "lines", title: "lines" },
  { value: "length4", title: "length first" },
] as const;

const readerTitles: { readonly [reader in ReaderView["reader"]]: string } = {
  bytes: "receive, as the bytes come",
  text: "receive with text(), which waits for the rest of a character",
  framed: "receive with a framing: whole messages",
};

const greeting = ["Hello", "wörld", "how are you?"];
const emoji = ["Hi", "🦊", "!"];
/** Cuts the fox behind its second byte. */
const emojiReadBytes = 4;

export function Bytes({ experimenter }: { readonly experimenter: Experimenter<"bytes"> }): VNode {
  const run = useStore(experimenter.run);
  const [messages, setMessages] = useState<readonly string[]>(greeting);
  const [framing, setFraming] = useState<BytesOrder["framing"]>("none");
  const [readSize, setReadSize] = useState<number>(readSizes.indexOf(8));
  const readBytes = readSizes[readSize] ?? 1;
  const start = (order: BytesOrder) => experimenter.start(order);
  const half = () => {
    setMessages(emoji);
    setReadSize(readSizes.indexOf(emojiReadBytes));
    start({ messages: emoji, framing, readBytes: emojiReadBytes });
  };
  const view = bytesView(run.events);
  return html`
    <${Lesson} title="Three sends, and what receive sees" chapter="tcp-has-no-messages">
      A stream carries bytes and keeps no messages apart: three sends may arrive as one chunk, or as ten. A framing marks
      where a message ends, and then receive gives back what send took.
    <//>
    <div class="choices">
      <div class="messages-to-send">
        ${messages.map(
          (text, index) => html`<label key=${index}>
            <span>send ${index + 1}</span>
            <input
              type="text"
              dir="auto"
              maxlength="100"
              data-message=${index}
              value=${text}
              onInput=${(event: InputEvent) =>
                setMessages(messages.with(index, (event.target as HTMLInputElement).value))}
            />
          </label>`,
        )}
      </div>
      <${Choice} name="framing" legend="Framing" choices=${framings} value=${framing} onValue=${setFraming} />
      <${Slider}
        id="read-size"
        label="Read at most"
        min=${0}
        max=${readSizes.length - 1}
        value=${readSize}
        shown=${several(readBytes, "byte")}
        onValue=${setReadSize}
      />
      <${Start} run=${run} title="Send" onStart=${() => start({ messages, framing, readBytes })} />
      <button type="button" onClick=${half}>Cut an emoji in half</button>
    </div>
    ${view.refused.map((error) => html`<p key=${error} class="problem">${error}</p>`)}
    ${view.readers.map((reader) => html`<${Reader} key=${reader.reader} view=${reader} />`)}
    <${Diary} events=${run.events} />
  `;
}

function Reader({ view }: { readonly view: ReaderView }): VNode {
  return html`<section class="reader" data-reader=${view.reader} aria-label=${readerTitles[view.reader]}>
    <h3>${readerTitles[view.reader]}</h3>
    <div class="blocks" data-blocks="sends">
      <span class="blocks-title">sent</span>
      ${view.sends.map((block) => html`<${Cells} key=${block.n} block=${block} />`)}
    </div>
    ${
      view.reader === "bytes"
        ? html`<div class="blocks" data-blocks="chunks">
            <span class="blocks-title">received</span>
            ${view.chunks.map((chunk) => html`<${Chunk} key=${chunk.n} chunk=${chunk} />`)}
          </div>`
        : html`<div class="blocks" data-blocks="messages">
            <span class="blocks-title">received</span>
            ${view.messages.map((text, index) => html`<bdi key=${index} class="message">${text}</bdi>`)}
          </div>`
    }
    <p class="note">
      ${several(view.sends.length, "send")},${" "}
      ${view.reader === "bytes" ? several(view.chunks.length, "chunk") : several(view.messages.length, "message")}
    </p>
  </section>`;
}

function Chunk({ chunk }: { readonly chunk: ChunkBlock }): VNode {
  return html`<span class="chunk" data-cut=${String(chunk.error !== undefined)} title=${chunk.error}>
    <${Cells} block=${chunk} />
    ${chunk.error === undefined ? undefined : html`<span class="chunk-error">a character is cut: <bdi>${chunk.text}</bdi></span>`}
  </span>`;
}

function Cells({ block }: { readonly block: Block }): VNode {
  const hex = block.cells.map((cell) => cell.hex).join("");
  return html`<span class="block" data-hex=${hex}>
    ${block.cells.map(
      ({ at, hex: pair, sign, message }) =>
        html`<span key=${at} class="cell" data-message=${message === undefined ? "" : message % 4}
          ><span class="cell-sign">${sign}</span><span class="cell-hex">${pair}</span></span
        >`,
    )}
  </span>`;
}
