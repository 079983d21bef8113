// `holdfast/testing`: what you need to test your own framings, encodings and programs.

export { type EncodingSamples, encodingContract } from "./testing/encoding-contract.js";
export {
  type FramingExample,
  type FramingSamples,
  framingContract,
  type RegisterTest,
} from "./testing/framing-contract.js";
