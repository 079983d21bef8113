// `holdfast/testing`: the contracts that Holdfast's own parts are held to, for those who write others.

export { type ListenerContractOptions, listenerContract } from "./testing/listener-contract.js";
export { openPair, plainOptions } from "./testing/open-pair.js";
export {
  type StreamContractOptions,
  type StreamPair,
  streamContract,
  type TestFunction,
} from "./testing/stream-contract.js";
