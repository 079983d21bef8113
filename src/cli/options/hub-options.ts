// The options of holdfast hub, as rows of the table.

/** In the order of its help. */
export const hubOptions = {
  listen: {
    kind: "list",
    placeholder: "endpoints",
    default: ["tcp://127.0.0.1:12346"],
    canBeOff: true,
    says: "the doors for sessions: holdfast chat, programs that use the library",
    commands: ["hub"],
  },
  plain: {
    kind: "endpoint",
    default: "tcp://127.0.0.1:12345",
    canBeOff: true,
    says: "the door for plain programs: nc, telnet, a few lines of Python",
    commands: ["hub"],
  },
  http: {
    kind: "text",
    placeholder: "url",
    default: "http://127.0.0.1:12380",
    canBeOff: true,
    says: "the door for browsers: the page, sessions by WebSocket, /health and /ready",
    commands: ["hub"],
  },
  hostName: {
    kind: "list",
    placeholder: "names",
    says: "names that lead to that door besides its own and this machine's; others are refused",
    commands: ["hub"],
  },
  origin: {
    kind: "list",
    placeholder: "origins",
    says: "pages that may connect to it besides its own, such as https://app.example",
    commands: ["hub"],
  },
  trustedProxies: {
    kind: "list",
    placeholder: "ranges",
    says: "proxies before that door whose Forwarded headers say who comes: loopback, 10.0.0.0/8",
    commands: ["hub"],
  },
  plainQuiet: {
    kind: "duration",
    default: 300,
    says: "the silence that ends a message without a line break; 0: none does",
    commands: ["hub"],
  },
  plainGreeting: {
    kind: "duration",
    default: 80,
    says: "how long a peer may speak first, as HTTP and TLS do, before it is greeted",
    commands: ["hub"],
  },
  lineMax: {
    kind: "size",
    default: 8_192,
    says: "the longest message; a longer one is refused, and its sender told",
    commands: ["hub"],
  },
  history: {
    kind: "count",
    least: 1,
    default: 20,
    says: "lines that whoever joins is shown",
    commands: ["hub"],
  },
  pace: {
    kind: "size",
    default: 1_048_576,
    says: "what the room says in a second, at most; whoever floods it is read more slowly",
    commands: ["hub"],
  },
  sendBuffer: {
    kind: "size",
    default: 524_288,
    says: "what is kept for a member at the plain door that reads slowly, before it is disconnected",
    commands: ["hub"],
  },
  connectionsMax: {
    kind: "count",
    least: 1,
    default: 10_000,
    says: "connections at once; more are refused",
    commands: ["hub", "listen"],
  },
  connectionsPerAddressMax: {
    kind: "count",
    default: 0,
    says: "connections at once from one address that is not this machine; 0: no bound",
    commands: ["hub"],
  },
  drain: {
    kind: "duration",
    default: 10_000,
    says: "how long members may finish after Ctrl-C or SIGTERM",
    commands: ["hub"],
  },
  allowCleartext: {
    kind: "flag",
    says: "listen in the clear where others than this machine can connect",
    commands: ["hub"],
  },
  config: {
    kind: "path",
    says: "a file of options, as JSON; without it holdfast.config.json, if there is one",
    commands: ["hub"],
  },
  logLevel: {
    kind: "choice",
    choices: ["silent", "error", "warn", "info", "debug"],
    default: "info",
    says: "how much is logged; debug has every step of every connection",
    commands: ["hub"],
  },
} as const;
