// Every command: what it takes, what it says of itself, and where it is. Help and completions are made from this table.
// Invariant: a command's own file, and all that it loads, is read only when that command runs.

import type { Command } from "./command.js";

export interface CommandEntry<Name extends CommandName = CommandName> {
  /** One line, which begins in upper case and has no final stop. */
  readonly says: string;
  /** Positional arguments in commander's notation: `<required> [optional]`. */
  readonly takes: string;
  /** More than the line says; a paragraph. */
  readonly more?: string;
  /** Command lines, each with what it does. */
  readonly examples: readonly (readonly [line: string, says: string])[];
  /** Options that are not built yet: who has read of them is told so. */
  readonly later?: readonly string[];
  load(): Promise<Command<Name>>;
}

export const commandNames = [
  "hub",
  "chat",
  "listen",
  "connect",
  "pipe",
  "ping",
  "doctor",
  "demo",
  "lab",
  "cert",
  "completion",
] as const;
export type CommandName = (typeof commandNames)[number];

export const commands: { readonly [Name in CommandName]: CommandEntry<Name> } = {
  hub: {
    says: "Open a room that any program with a socket can join",
    takes: "",
    more:
      "Prints each door to stdout and logs to stderr: NDJSON, or readable lines on a terminal. At the plain door a message " +
      "ends at a line break, at the end of input, or after a silence; over a session each message is a line, and a link " +
      "that breaks costs none. A browser finds a page at the HTTP door. Ctrl-C or SIGTERM lets members finish. Options may also stand in a " +
      'file: { "plain": "tcp://127.0.0.1:9000", "plainQuiet": "1s" }; flags and variables go before it.',
    examples: [
      ["holdfast hub", "the room is at 127.0.0.1 12345: try nc 127.0.0.1 12345, or holdfast chat"],
      ["holdfast hub --plain :9000 --listen :9001 --http :9080", "other ports"],
      [
        "holdfast hub --no-listen --no-http --plain-quiet 0",
        "the plain door alone; only line breaks end messages",
      ],
      ["holdfast hub --plain '*:12345' --allow-cleartext", "for the whole network, which can read along"],
      ["holdfast hub --config room.json", "options from a file"],
    ],
    later: ["backplane", "data", "workers"],
    load: async () => (await import("./commands/hub.js")).hubCommand,
  },
  chat: {
    says: "Talk in a hub's room, over a session that survives its links",
    takes: "[endpoint]",
    more:
      "A line you type is said to everyone there. /name ada, /who and /help ask the room. /cut cuts your own link, to see it " +
      "come back with nothing lost; /quit or Ctrl-D leaves. Without a terminal stdin's lines are said, and stdout has what " +
      "is heard. The endpoint goes before --hub.",
    examples: [
      ["holdfast chat", "the hub of this machine"],
      ["holdfast chat --name ada", "by a name of your own"],
      ["holdfast chat tcp://127.0.0.1:9001", "a hub at another port"],
    ],
    load: async () => (await import("./commands/chat.js")).chatCommand,
  },
  listen: {
    says: "Take a connection: what it sends goes to stdout, stdin goes to it",
    takes: "<endpoint>",
    more:
      "Prints the endpoint it listens on to stderr; port 0 chooses a free port. Serves one connection and exits; " +
      "with --keep it serves many at the same time: everything that anyone sends goes to stdout, and stdin goes to all. " +
      "With --exec at most 100 at once, unless --connections-max says otherwise.",
    examples: [
      ["holdfast listen :9000", "wait for one connection on this machine"],
      ["holdfast listen '*:9000' > file", "receive a file from anywhere"],
      ["holdfast listen :9000 --keep --exec 'tr a-z A-Z'", "a service out of a filter"],
      ["holdfast listen unix:/tmp/talk.sock", "the same on a Unix socket"],
      ["holdfast listen udp://:9000", "print datagrams; stdin answers the last sender"],
      ["holdfast listen tls://:9000 --cert own.pem --key own.key", "inside TLS: see holdfast cert"],
    ],
    load: async () => (await import("./commands/listen.js")).listenCommand,
  },
  connect: {
    says: "Open a connection: stdin goes to the peer, what it sends goes to stdout",
    takes: "<endpoint> [port]",
    more:
      "The end of stdin half-closes the connection, and the reply is still read. When the peer ends, all that it sent " +
      "is written; then the command exits if stdin is a terminal, else once stdin is sent. With --session each line is a " +
      "message, both ways, and links that break are replaced; the end of stdin closes the session once all has arrived.",
    examples: [
      ["holdfast connect :9000", "talk to a server on this machine"],
      ["holdfast connect example.com 80", "host and port as nc takes them"],
      ["holdfast connect :9000 < file", "send a file"],
      [
        "holdfast connect tcp://[::1]:9000 --framing lines --eol crlf -v",
        "lines ended as old protocols want them",
      ],
      ["holdfast connect udp://127.0.0.1:9000", "each line typed is a datagram"],
      ["holdfast connect wss://app.example/live", "WebSocket: each line is a message"],
      ["holdfast connect tls://localhost:9000 --ca certificates/ca.pem -v", "TLS, and what -v tells of it"],
      ["holdfast connect --session :12346 -v", "a session; -v tells of links that break and come back"],
    ],
    load: async () => (await import("./commands/connect.js")).connectCommand,
  },
  pipe: {
    says: "Connect to two endpoints and join them: what one sends goes to the other, both ways",
    takes: "<a> <b>",
    more:
      "- stands for stdin and stdout. A half-close on one side is carried over to the other; the command exits when " +
      "both directions are done.",
    examples: [
      ["holdfast pipe unix:/run/app.sock tcp://127.0.0.1:9000", "join a Unix socket and a TCP port"],
      ["holdfast pipe - :9000 < file", "send a file"],
    ],
    load: async () => (await import("./commands/pipe.js")).pipeCommand,
  },
  ping: {
    says: "Measure how long an endpoint takes to accept a connection, or to echo",
    takes: "<endpoint>",
    more: "Exits with 1 if no try was answered. A UDP endpoint must answer; any answer counts.",
    examples: [
      ["holdfast ping example.com:443", "connect four times, a second apart"],
      ["holdfast ping :7 --echo -c 100 --interval 10ms", "round trips through an echo service"],
    ],
    load: async () => (await import("./commands/ping.js")).pingCommand,
  },
  doctor: {
    says: "Examine the way to an endpoint, layer by layer, and say what to do",
    takes: "<endpoint> [port]",
    more:
      "Name resolution, each address, TLS and its certificate, the WebSocket upgrade, with --session a session's " +
      "handshake, with --wait an idle connection; then proxies, clocks, and what this machine has left. A line for each: " +
      "ok, warning, failed or skipped; the last one names the first layer that fails, and then the exit code is 1.",
    examples: [
      ["holdfast doctor example.com 443", "who answers, at which addresses"],
      ["holdfast doctor wss://example.com/live", "TLS and the WebSocket upgrade, too"],
      ["holdfast doctor :12346 --session --wait 2m", "a hub, and what becomes of an idle connection to it"],
    ],
    load: async () => (await import("./commands/doctor.js")).doctorCommand,
  },
  demo: {
    says: "Cut real links under load, and count what a session loses, and what node:net does",
    takes: "",
    more:
      "Both send numbered messages each way through a relay of their own on this machine, which resets links, closes " +
      "them in mid-message, lets them fall silent, and delivers late what they held. Heartbeats are shortened for it. " +
      "Exits with 1 if the session loses, doubles or reorders a message. With --json stdout has each cut and each result.",
    examples: [
      ["holdfast demo", "20 seconds"],
      ["holdfast demo --for 5m --seed 7", "longer, with a schedule that can be had again"],
    ],
    load: async () => (await import("./commands/demo.js")).demoCommand,
  },
  cert: {
    says: "Make certificates for development, signed by an authority of your own",
    takes: "[names...]",
    more:
      "For the host names and IP addresses given, *.name included; without any: localhost, 127.0.0.1, ::1 and what this " +
      "machine is called. The authority is made once and kept in the folder; whoever trusts it trusts all that it signs. " +
      "What is there already is kept if it fits, and replaced with --renew only.",
    examples: [
      ["holdfast cert", "certificates/localhost.pem and .key, signed by certificates/ca.pem"],
      ["holdfast cert app.test '*.app.test' 192.0.2.7", "for other names"],
      ["holdfast cert --client ada", "one to show as a client, too"],
      ["holdfast cert --renew --days 30", "new ones for the old, from the same authority"],
    ],
    load: async () => (await import("./commands/cert.js")).certCommand,
  },
  lab: {
    says: "See what sockets really do: experiments on real ones, for learners",
    takes: "[experiment] [words...]",
    more:
      "bytes: what a few sends become when they are received; the words are the messages. life: a connection from listen to " +
      "close, as both sides and the kernel see it; the words are steps, else each line of stdin is one. cut: a link that " +
      "breaks in the middle of a count, under a session and under a plain connection. kinds: the same messages over TCP and " +
      "over UDP. All of it on this machine. With --json stdout has each event.",
    examples: [
      ["holdfast lab", "choose one, on a terminal"],
      ["holdfast lab bytes one two three --read 4", "three sends, read four bytes at a time"],
      ["holdfast lab bytes 'wor👋ld' --read 4 --framing lines", "an emoji cut in half, and put together"],
      ["holdfast lab life listen connect accept client-ends", "steps, one after the other"],
      ["holdfast lab life listen fill-backlog", "a listener that does not accept"],
      ["holdfast lab cut --how half-open", "a link that falls silent"],
      ["holdfast lab kinds --loss 20 --seed 7", "what datagrams lose"],
    ],
    load: async () => (await import("./commands/lab.js")).labCommand,
  },
  completion: {
    says: "Print a completion script for your shell",
    takes: "<shell>",
    examples: [
      ['eval "$(holdfast completion bash)"', "bash, for example in ~/.bashrc"],
      ['eval "$(holdfast completion zsh)"', "zsh, behind compinit"],
      ["holdfast completion fish > ~/.config/fish/completions/holdfast.fish", "fish"],
    ],
    load: async () => (await import("./commands/completion.js")).completionCommand,
  },
};
