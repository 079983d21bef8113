// `holdfast`: sockets, framings, encodings and errors. Loads nothing that it does not use.

export { type Clock, type Random, systemClock, type Timer } from "./core/clock.js";
export { type Endpoint, formatEndpoint, parseEndpoint } from "./core/endpoint.js";
export * from "./core/errors.js";
export type { ClosedBy, LifecycleEvent, LifecycleObserver } from "./core/lifecycle.js";
export { type LimitName, limits } from "./core/limits.js";
