// The page: where it starts. One link to the hub that served it, and three tabs that show what comes over it.

import { openLab } from "./lab/lab-feed.js";
import { openLink } from "./link/open-link.js";
import { openLive } from "./live/live-feed.js";
import { openTalk } from "./talk/talk-feed.js";
import { App } from "./view/app.js";
import { html, render } from "./view/html.js";

const link = openLink(location);
const talk = openTalk(link);
const live = openLive(link);
const lab = openLab(link);

const root = document.getElementById("page");
if (root !== null) render(html`<${App} link=${link} talk=${talk} live=${live} lab=${lab} />`, root);
