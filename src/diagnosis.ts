// What `holdfast doctor` looks at beneath the public names. Not published: nothing outside this package can import it.

export { isLoopback } from "./core/endpoint.js";
export { descriptorLimit } from "./transport/descriptors.js";
export { resolve } from "./transport/resolve.js";
