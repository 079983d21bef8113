// `holdfast/testing`: what you need to test your own framings, encodings and programs.

export { type EncodingSamples, encodingContract } from "./testing/encoding-contract.js";
export {
  type FramingExample,
  type FramingSamples,
  framingContract,
  type RegisterTest,
} from "./testing/framing-contract.js";

export { type ListenerContractOptions, listenerContract } from "./testing/listener-contract.js";
export { openPair, plainOptions } from "./testing/open-pair.js";
export {
  type StreamContractOptions,
  type StreamPair,
  streamContract,
  type TestFunction,
} from "./testing/stream-contract.js";
