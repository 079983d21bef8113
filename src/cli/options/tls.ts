// The options of TLS: rows of the table, the same for all that dials and all that listens.

export const tlsOptions = {
  ca: {
    kind: "path",
    says: "whom to trust instead of the system's authorities; what listens then wants a certificate of every client",
    commands: ["hub", "chat", "listen", "connect", "pipe", "ping", "doctor"],
  },
  cert: {
    kind: "path",
    says: "our own certificate, with the chain above it",
    commands: ["hub", "chat", "listen", "connect", "pipe", "ping", "doctor"],
  },
  key: {
    kind: "path",
    says: "its private key",
    commands: ["hub", "chat", "listen", "connect", "pipe", "ping", "doctor"],
  },
  crl: {
    kind: "path",
    says: "certificates that are revoked",
    commands: ["hub", "chat", "listen", "connect", "pipe", "ping", "doctor"],
  },
  serverName: {
    kind: "text",
    placeholder: "name",
    says: "the name to ask for and to verify, where it is not the endpoint's own",
    commands: ["chat", "connect", "pipe", "ping", "doctor"],
  },
  alpn: {
    kind: "list",
    placeholder: "protocols",
    says: "what to speak inside TLS, best first",
    commands: ["listen", "connect", "pipe", "ping", "doctor"],
  },
  verify: {
    kind: "flag",
    default: true,
    canBeOff: true,
    says: "verify the peer's certificate; without it whoever is in between can read and change everything",
    commands: ["chat", "connect", "pipe", "ping", "doctor"],
  },
} as const;
