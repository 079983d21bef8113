// The page as a whole: its name, three tabs, and what is known of its link, which is seen from each of them.
// Invariant: the link is announced when it changes, and not while its time runs.

import type { LabFeed } from "../lab/lab-feed.js";
import type { HubLink } from "../link/hub-link.js";
import type { LiveFeed } from "../live/live-feed.js";
import { type Route, readRoute, type Tab, tabs } from "../parts/route.js";
import type { TalkFeed } from "../talk/talk-feed.js";
import { html, useEffect, useState, type VNode } from "./html.js";
import { Lab } from "./lab/lab.js";
import { LinkBadge } from "./link-badge.js";
import { Live } from "./live/live.js";
import { panelId, Tabs, tabId } from "./tabs.js";
import { Talk } from "./talk/talk.js";

interface AppProps {
  readonly link: HubLink;
  readonly talk: TalkFeed;
  readonly live: LiveFeed;
  readonly lab: LabFeed;
}

const titles: { readonly [tab in Tab]: string } = { talk: "Talk", live: "Live", lab: "Lab" };
const items = tabs.map((id) => ({ id, title: titles[id], href: `#${id}` }));

export function App({ link, talk, live, lab }: AppProps): VNode {
  const { tab, experiment } = useRoute();
  useEffect(() => {
    document.title = `${titles[tab]} · Holdfast`;
    if (tab === "live") live.start();
  }, [tab]);
  const panel = (id: Tab, content: VNode | undefined) =>
    html`<section
      id=${panelId("main", id)}
      class="panel"
      role="tabpanel"
      aria-labelledby=${tabId("main", id)}
      hidden=${id !== tab}
    >
      ${content}
    </section>`;
  return html`
    <header class="bar">
      <a class="brand" href="#talk" aria-label="Holdfast: talk"><${Mark} />Holdfast</a>
      <${Tabs} label="Parts of this page" name="main" items=${items} current=${tab} />
      <${LinkBadge} link=${link} />
    </header>
    <main>
      ${panel("talk", html`<${Talk} link=${link} talk=${talk} />`)}
      ${panel("live", tab === "live" ? html`<${Live} live=${live} />` : undefined)}
      ${panel("lab", html`<${Lab} lab=${lab} experiment=${experiment} />`)}
    </main>
  `;
}

function useRoute(): Route {
  const [route, setRoute] = useState(() => readRoute(location.hash));
  useEffect(() => {
    const read = () => setRoute(readRoute(location.hash));
    addEventListener("hashchange", read);
    return () => removeEventListener("hashchange", read);
  }, []);
  return route;
}

function Mark(): VNode {
  return html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
    <path d="M13.5 18.5 a5.5 5.5 0 0 1 0-7.8 l4-4 a5.5 5.5 0 0 1 7.8 7.8 l-2.6 2.6" />
    <path d="M18.5 13.5 a5.5 5.5 0 0 1 0 7.8 l-4 4 a5.5 5.5 0 0 1-7.8-7.8 l2.6-2.6" />
  </svg>`;
}
