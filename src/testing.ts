// `holdfast/testing`: what you need to test your own framings, encodings and programs.

export { type EncodingSamples, encodingContract } from "./testing/encoding-contract.js";
export {
  type FramingExample,
  type FramingSamples,
  framingContract,
} from "./testing/framing-contract.js";
export { type ListenerContractOptions, listenerContract } from "./testing/listener-contract.js";
export {
  type LinkPair,
  type MessageLinkContractOptions,
  messageLinkContract,
} from "./testing/message-link-contract.js";
export { openPair, plainOptions } from "./testing/open-pair.js";
export type { RegisterTest } from "./testing/register-test.js";
export { type SimulateOptions, simulate, type World } from "./testing/simulate.js";
export {
  type StreamContractOptions,
  type StreamPair,
  streamContract,
} from "./testing/stream-contract.js";
export { VirtualClock } from "./testing/virtual-clock.js";
export { type FaultName, Weather, type WeatherOptions } from "./testing/weather.js";
export { Cable, type CableEnd } from "./transport/memory/cable.js";
export { Cables, type DialOutcome } from "./transport/memory/cables.js";
export type { Conditions } from "./transport/memory/conditions.js";
export { MemoryNetwork } from "./transport/memory.js";
