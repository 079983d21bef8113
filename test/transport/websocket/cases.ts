// The list of cases: what a peer may send over a WebSocket, and what it must not, generated from tables, each with a name.
// Written from RFC 6455 sections 5 and 7; the same list goes to servers, masked, and to clients, unmasked.

export interface Frame {
  readonly opcode: number;
  readonly payload?: Uint8Array;
  /** Default: the last of its message. */
  readonly fin?: boolean;
  /** Three bits. */
  readonly rsv?: number;
  /** Masked where it must not be, or the other way round. */
  readonly wrongMask?: boolean;
  /** The form of its length, in bits; default: the shortest. */
  readonly form?: 7 | 16 | 64;
  /** What its length says, where the payload is not that long. */
  readonly declared?: bigint;
}

export interface WireCase {
  readonly name: string;
  readonly frames: readonly Frame[];
  /** How it goes over the wire. Default: in one piece. */
  readonly pieces?: "bytes" | "frames";
  /** So many of its bytes, and then the end of TCP. */
  readonly cutAfter?: number;
}

/** The longest message that the peers under test take. */
export const messageBytesMax = 70_000;

const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const kinds = ["text", "binary"] as const;
const controls = ["close", "ping", "pong"] as const;

const utf8 = (text: string) => new TextEncoder().encode(text);
const filled = (length: number) => new Uint8Array(length).fill(0x2a);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

const text = (payload: Uint8Array, more: Partial<Frame> = {}): Frame => ({ opcode: 1, payload, ...more });
const binary = (payload: Uint8Array, more: Partial<Frame> = {}): Frame => ({ opcode: 2, payload, ...more });
const next = (payload: Uint8Array, more: Partial<Frame> = {}): Frame => ({ opcode: 0, payload, ...more });
const ping = (payload: Uint8Array = utf8("p")): Frame => ({ opcode: 9, payload });
const pong: Frame = { opcode: 10, payload: utf8("q") };
const close = (code: number, reason: Uint8Array = new Uint8Array(0)): Frame => ({
  opcode: 8,
  payload: Uint8Array.of(code >> 8, code & 0xff, ...reason),
});
const part = { fin: false } as const;
/** Shows whether the connection goes on. */
const after = text(utf8("after"));

function* framing(): Generator<WireCase> {
  for (const kind of kinds) {
    for (const length of [
      0, 1, 2, 124, 125, 126, 127, 128, 255, 256, 4_096, 65_534, 65_535, 65_536, 65_537,
    ]) {
      yield {
        name: `${kind} of ${length} bytes`,
        frames: [{ opcode: opcodes[kind], payload: filled(length) }, after],
      };
    }
  }
  for (const [length, form] of [
    [0, 16],
    [5, 16],
    [125, 16],
    [0, 64],
    [5, 64],
    [126, 64],
    [65_535, 64],
  ] as const) {
    yield {
      name: `a length of ${length} in ${form} bits`,
      frames: [binary(filled(length), { form }), after],
    };
  }
  for (const name of ["text", "binary", "ping", "continuation"] as const) {
    for (let rsv = 1; rsv < 8; rsv += 1) {
      const start = name === "continuation" ? [text(utf8("a"), part)] : [];
      yield {
        name: `reserved bits ${rsv} on ${name}`,
        frames: [...start, { opcode: opcodes[name], payload: utf8("x"), rsv }, after],
      };
    }
  }
  for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
    for (const fin of [true, false]) {
      for (const payload of [filled(0), filled(3)]) {
        const name = `opcode ${opcode}, ${fin ? "last" : "not last"}, ${payload.length} bytes`;
        yield { name, frames: [text(utf8("before")), { opcode, fin, payload }, after] };
      }
    }
  }
  for (const name of ["text", "binary", "ping", "pong", "close"] as const) {
    yield {
      name: `${name} masked as it must not be`,
      frames: [{ opcode: opcodes[name], wrongMask: true, payload: filled(name === "close" ? 0 : 4) }, after],
    };
  }
  for (const name of ["ping", "pong"] as const) {
    for (const length of [0, 1, 124, 125]) {
      yield {
        name: `${name} of ${length} bytes`,
        frames: [{ opcode: opcodes[name], payload: filled(length) }, after],
      };
    }
  }
  for (const name of controls) {
    for (const length of [126, 127, 65_536]) {
      yield {
        name: `${name} of ${length} bytes, which is too long`,
        frames: [{ opcode: opcodes[name], payload: filled(length) }, after],
      };
    }
    yield {
      name: `${name} in a longer form`,
      frames: [{ opcode: opcodes[name], payload: filled(2), form: 16 }, after],
    };
    yield {
      name: `a part of ${name}`,
      frames: [{ opcode: opcodes[name], fin: false, payload: filled(0) }, after],
    };
  }
  const many = [
    text(utf8("a")),
    binary(filled(300)),
    ping(),
    pong,
    text(utf8("ü€😀")),
    binary(filled(0)),
    after,
  ];
  for (const pieces of [undefined, "frames", "bytes"] as const) {
    const how =
      pieces === undefined ? "in one piece" : pieces === "frames" ? "frame by frame" : "byte by byte";
    yield { name: `many frames ${how}`, frames: many, ...(pieces && { pieces }) };
    yield {
      name: `ten pings ${how}`,
      frames: Array.from({ length: 10 }, (_, i) => ping(utf8(`${i}`))),
      ...(pieces && { pieces }),
    };
    yield { name: `a long message ${how}`, frames: [text(filled(3_000)), after], ...(pieces && { pieces }) };
  }
  for (const cutAfter of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 100]) {
    yield {
      name: `the end of TCP after ${cutAfter} bytes of a frame`,
      frames: [binary(filled(70_000))],
      cutAfter,
    };
  }
  yield { name: "the end of TCP between two frames", frames: [text(utf8("a"))], cutAfter: 7 };
}

function* fragmentation(): Generator<WireCase> {
  const message = utf8("Größe: 😀!");
  for (const kind of kinds) {
    const opcode = opcodes[kind];
    for (let at = 0; at <= message.length; at += 1) {
      const frames = [
        { opcode, payload: message.subarray(0, at), fin: false },
        next(message.subarray(at)),
        after,
      ];
      yield { name: `${kind} in two parts, the first of ${at} bytes`, frames };
    }
    const single = [...message].map((byte, index): Frame => {
      return {
        opcode: index === 0 ? opcode : 0,
        payload: Uint8Array.of(byte),
        fin: index === message.length - 1,
      };
    });
    yield { name: `${kind}, a part for each byte`, frames: [...single, after] };
    yield {
      name: `${kind}, a part for each byte, byte by byte`,
      frames: [...single, after],
      pieces: "bytes",
    };
    yield {
      name: `${kind}, pings between all parts`,
      frames: [...single.flatMap((one, i) => [one, ping(utf8(`${i}`))]), after],
    };
    yield {
      name: `${kind}, pongs between all parts`,
      frames: [...single.flatMap((one) => [one, pong]), after],
    };
    for (const empty of [1, 2, 50]) {
      const nothing = Array.from({ length: empty }, () => next(filled(0), part));
      yield {
        name: `${kind} with ${empty} empty parts before it`,
        frames: [{ opcode, payload: filled(0), fin: false }, ...nothing, next(message), after],
      };
      yield {
        name: `${kind} with ${empty} empty parts in it`,
        frames: [{ opcode, payload: message, fin: false }, ...nothing, next(filled(0)), after],
      };
    }
    yield {
      name: `${kind} of empty parts alone`,
      frames: [{ opcode, fin: false }, next(filled(0), part), next(filled(0)), after],
    };
    for (const other of kinds) {
      for (const fin of [true, false]) {
        const frames = [
          { opcode, payload: message, fin: false },
          { opcode: opcodes[other], payload: message, fin },
          after,
        ];
        yield { name: `${other} (${fin ? "whole" : "a part"}) inside ${kind}`, frames };
      }
    }
    yield { name: `close inside ${kind}`, frames: [{ opcode, payload: message, fin: false }, close(1000)] };
    yield {
      name: `${kind} that never ends`,
      frames: [{ opcode, payload: message, fin: false }],
      cutAfter: 6,
    };
  }
  for (const fin of [true, false]) {
    yield {
      name: `a continuation of nothing (${fin ? "last" : "not last"})`,
      frames: [next(message, { fin }), after],
    };
    yield {
      name: `a continuation behind a whole message (${fin ? "last" : "not last"})`,
      frames: [text(message), next(message, { fin }), after],
    };
    yield {
      name: `a continuation behind a message in parts (${fin ? "last" : "not last"})`,
      frames: [text(message, part), next(message), next(message, { fin }), after],
    };
  }
}

const valid = [
  "",
  "\0",
  "a\u007f",
  "\u0080",
  "\u07ff",
  "\u0800",
  "\ud7ff",
  "\ue000",
  "\ufffd",
  "\ufffe\uffff",
  "\ufeffx",
  "\u{10000}",
  "\u{1fffe}",
  "\u{10ffff}",
  "κόσμε 😀",
];
/** Bytes that are no UTF-8 (the table of RFC 3629 section 4). */
const invalid = [
  "80",
  "bf",
  "c0",
  "c080",
  "c1bf",
  "c2",
  "c220",
  "dfc0",
  "e0",
  "e08080",
  "e09fbf",
  "e0a0",
  "eda080",
  "edbfbf",
  "edaebfedbfbf",
  "ef",
  "f0",
  "f0808080",
  "f08fbfbf",
  "f09080",
  "f4908080",
  "f5808080",
  "f7bfbfbf",
  "f888808080",
  "fc8480808080",
  "fe",
  "ff",
  "48c3a4ff21",
];

function* encodings(): Generator<WireCase> {
  for (const value of valid) {
    const bytes = utf8(value);
    yield { name: `valid: ${hex(bytes)}`, frames: [text(bytes), after] };
    for (let at = 1; at < bytes.length; at += 1) {
      yield {
        name: `valid: ${hex(bytes)} cut after ${at}`,
        frames: [text(bytes.subarray(0, at), part), next(bytes.subarray(at)), after],
      };
    }
  }
  for (const value of invalid) {
    const bytes = Uint8Array.from(Buffer.from(value, "hex"));
    yield { name: `invalid: ${value}`, frames: [text(bytes), after] };
    yield {
      name: `invalid: ${value} behind text`,
      frames: [text(Uint8Array.of(...utf8("ok "), ...bytes)), after],
    };
    yield {
      name: `invalid: ${value} in a message of parts`,
      frames: [text(bytes, part), next(utf8(" and on")), after],
    };
    yield { name: `no text at all: ${value}`, frames: [binary(bytes), after] };
    for (let at = 1; at < bytes.length; at += 1) {
      yield {
        name: `invalid: ${value} cut after ${at}`,
        frames: [text(bytes.subarray(0, at), part), next(bytes.subarray(at)), after],
      };
    }
  }
}

function* closes(): Generator<WireCase> {
  const codes = {
    valid: [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999],
    invalid: [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535],
  };
  for (const [how, list] of Object.entries(codes)) {
    for (const code of list) {
      yield { name: `close with ${code} (${how})`, frames: [text(utf8("a")), close(code)] };
      yield { name: `close with ${code} (${how}) and a reason`, frames: [close(code, utf8("because"))] };
    }
  }
  yield { name: "close without a code", frames: [{ opcode: 8 }] };
  yield { name: "close with half a code", frames: [{ opcode: 8, payload: filled(1) }] };
  for (const length of [1, 122, 123, 124, 125]) {
    yield { name: `close with a reason of ${length} bytes`, frames: [close(1000, filled(length))] };
  }
  for (const value of valid)
    yield { name: `close with the reason ${hex(utf8(value))}`, frames: [close(1000, utf8(value))] };
  for (const value of invalid) {
    yield {
      name: `close with the bad reason ${value}`,
      frames: [close(1000, Uint8Array.from(Buffer.from(value, "hex")))],
    };
  }
  for (const [name, behind] of [
    ["text", after],
    ["a ping", ping()],
    ["another close", close(1001)],
    ["a bad frame", { opcode: 3 }],
    ["a bad close", close(1)],
  ] as const) {
    yield { name: `${name} behind a close`, frames: [close(1000), behind] };
    yield { name: `${name} behind a close, byte by byte`, frames: [close(1000), behind], pieces: "bytes" };
  }
}

function* limits(): Generator<WireCase> {
  const most = messageBytesMax;
  for (const kind of kinds) {
    const opcode = opcodes[kind];
    yield { name: `${kind} as long as may be`, frames: [{ opcode, payload: filled(most) }, after] };
    yield { name: `${kind} one byte too long`, frames: [{ opcode, payload: filled(most + 1) }, after] };
    yield {
      name: `${kind} in parts, as long as may be`,
      frames: [{ opcode, payload: filled(most - 1), fin: false }, next(filled(1)), after],
    };
    yield {
      name: `${kind} in parts, one byte too long`,
      frames: [{ opcode, payload: filled(most), fin: false }, next(filled(1)), after],
    };
    for (const declared of [
      BigInt(most + 1),
      2n ** 31n,
      2n ** 32n,
      2n ** 53n - 1n,
      2n ** 53n,
      2n ** 63n - 1n,
      2n ** 63n,
      2n ** 64n - 1n,
    ]) {
      yield {
        name: `${kind} that says it has ${declared} bytes`,
        frames: [{ opcode, payload: filled(10), form: 64, declared }],
      };
    }
    yield {
      name: `a part of ${kind} that says it has 2^40 bytes`,
      frames: [{ opcode, payload: filled(10), form: 64, declared: 2n ** 40n, fin: false }],
    };
  }
  const parts = (count: number) => Array.from({ length: count }, () => next(filled(0), part));
  yield {
    name: "as many parts as may be",
    frames: [text(utf8("x"), part), ...parts(16_382), next(filled(0)), after],
  };
  yield {
    name: "one part too many",
    frames: [text(utf8("x"), part), ...parts(16_384), next(filled(0)), after],
  };
  yield {
    name: "what looks compressed",
    frames: [text(Uint8Array.of(0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00), { rsv: 4 }), after],
  };
}

export const groups: { readonly [group: string]: readonly WireCase[] } = {
  framing: [...framing()],
  fragmentation: [...fragmentation()],
  "UTF-8": [...encodings()],
  close: [...closes()],
  limits: [...limits()],
};

/** The frame as it goes over the wire. */
export function encodeFrame(frame: Frame, toServer: boolean): Uint8Array {
  const {
    opcode,
    payload = filled(0),
    fin = true,
    rsv = 0,
    wrongMask = false,
    declared = BigInt(payload.length),
  } = frame;
  const isMasked = toServer !== wrongMask;
  const form = frame.form ?? (declared < 126n ? 7 : declared < 65_536n ? 16 : 64);
  const head = [(fin ? 0x80 : 0) | (rsv << 4) | opcode, isMasked ? 0x80 : 0];
  const bytes = form === 7 ? 0 : form / 8;
  head[1] = (head[1] ?? 0) | (form === 7 ? Number(declared) : form === 16 ? 126 : 127);
  for (let at = bytes - 1; at >= 0; at -= 1) head.push(Number((declared >> BigInt(8 * at)) & 0xffn));
  const mask = [0x37, 0xfa, 0x21, 0x3d];
  if (!isMasked) return Uint8Array.from([...head, ...payload]);
  return Uint8Array.from([...head, ...mask, ...payload.map((byte, at) => byte ^ (mask[at & 3] ?? 0))]);
}
