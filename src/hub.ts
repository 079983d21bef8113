// `holdfast/hub`: a hub, and the room at its plain door.

export { createHub, type Hub, type HubOptions, type HubStats } from "./hub/create-hub.js";
export type { HubEvent, HubEventName, HubObserver } from "./hub/events.js";
export { chanceOf, shuffled } from "./hub/lab/chance.js";
export { runLab } from "./hub/lab/labs.js";
export * from "./hub/lab/messages.js";
export type { LabContext } from "./hub/lab/run.js";
export { type CutKind, cutKinds, Wire } from "./hub/lab/wire.js";
export type * from "./hub/page/messages.js";
