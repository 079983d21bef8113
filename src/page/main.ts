// The page: where it starts. One link to the hub that served it, and three tabs that show what comes over it.

import { App } from "./app.js";
import { openLab } from "./lab/lab-feed.js";
import { openLink } from "./link/open-link.js";
import { openLive } from "./live/live-feed.js";
import { html, render } from "./parts/html.js";
import { openTalk } from "./talk/talk-feed.js";

const link = openLink(location);
const talk = openTalk(link);
const live = openLive(link);
const lab = openLab(link);

const root = document.getElementById("page");
if (root !== null) render(html`<${App} link=${link} talk=${talk} live=${live} lab=${lab} />`, root);
