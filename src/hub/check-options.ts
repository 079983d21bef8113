// What is wrong with a hub's options, before anything is opened.

import { formatEndpoint, isLoopback, parseEndpoint } from "../core/endpoint.js";
import { UsageError } from "../core/errors.js";
import type { HubOptions } from "./create-hub.js";
import { Allowed } from "./http/allowed.js";
import { httpUrlOf, parseHttpUrl } from "./http/http-url.js";

/** What is planned: whoever asks for it must not believe to have it. */
const planned = ["contract", "backplane", "store", "authenticate", "authorize"];

/** @throws UsageError. */
export function checkOptions(options: HubOptions): void {
  const early = planned.find((name) => Object.hasOwn(options, name));
  if (early !== undefined)
    throw new UsageError(`createHub: ${early} is not built yet`, { advice: "leave it out" });
  const { plain, endpoints = [], http } = options;
  if (!Array.isArray(endpoints)) {
    throw new UsageError("createHub: endpoints is no list", {
      advice: 'pass endpoints: ["tcp://127.0.0.1:12346"]',
    });
  }
  const doors = [plain, ...endpoints].filter((door) => door !== undefined);
  if (doors.length === 0 && http === undefined) {
    throw new UsageError("createHub: there is no door", {
      advice: 'pass endpoints: ["tcp://127.0.0.1:12346"], plain: "tcp://127.0.0.1:12345", or both',
    });
  }
  for (const door of doors) checkCleartext(parseEndpoint(door), options);
  if (http === undefined) return;
  const endpoint = parseHttpUrl(http);
  checkCleartext(endpoint, options);
  const { hosts = [], origins = [] } = options;
  new Allowed({ host: endpoint.host, hosts, origins });
}

/** What is said there is not encrypted by ourselves. */
const clear = ["tcp", "udp", "ws"];

function checkCleartext(endpoint: ReturnType<typeof parseEndpoint>, { allowCleartext }: HubOptions): void {
  if (!("host" in endpoint) || !clear.includes(endpoint.scheme)) return;
  if (isLoopback(endpoint.host) || allowCleartext === true) return;
  const written = formatEndpoint(endpoint);
  throw new UsageError("others than this machine could read and write what is said, in the clear", {
    op: "listen",
    endpoint: endpoint.scheme === "ws" ? httpUrlOf(written) : written,
    advice: "use a loopback address, or allowCleartext (--allow-cleartext) if you mean it",
  });
}
