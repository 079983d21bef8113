// `holdfast/hub`: a hub, and the room at its plain door.

export { createHub, type Hub, type HubOptions, type HubStats } from "./hub/create-hub.js";
export type { HubEvent, HubEventName, HubObserver } from "./hub/events.js";
export * from "./hub/lab/messages.js";
export type * from "./hub/page/messages.js";
