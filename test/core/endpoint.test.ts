// Endpoints: what each spelling means, that text and value lead back to each other, and that errors name the part.

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import {
  type Endpoint,
  endpointOf,
  formatEndpoint,
  isIpv4,
  isIpv6,
  isLoopback,
  parseEndpoint,
} from "../../src/core/endpoint.js";
import { UsageError } from "../../src/core/errors.js";

suite("what each spelling means", () => {
  const spellings: [string, Endpoint][] = [
    ["tcp://example.org:80", { scheme: "tcp", host: "example.org", port: 80 }],
    ["tls://example.org:443", { scheme: "tls", host: "example.org", port: 443 }],
    ["udp://127.0.0.1:0", { scheme: "udp", host: "127.0.0.1", port: 0 }],
    ["TCP://Example.ORG:80/", { scheme: "tcp", host: "example.org", port: 80 }],
    ["localhost:1", { scheme: "tcp", host: "localhost", port: 1 }],
    ["my_host.internal.:1", { scheme: "tcp", host: "my_host.internal.", port: 1 }],
    [":9000", { scheme: "tcp", host: "127.0.0.1", port: 9000 }],
    ["*:9000", { scheme: "tcp", host: "*", port: 9000 }],
    ["udp://:53", { scheme: "udp", host: "127.0.0.1", port: 53 }],
    ["[::1]:65535", { scheme: "tcp", host: "::1", port: 65_535 }],
    ["tcp://[FE80::1%Eth0]:7", { scheme: "tcp", host: "fe80::1%Eth0", port: 7 }],
    ["tcp://localhost:00080", { scheme: "tcp", host: "localhost", port: 80 }],
    ["tcp:8080", { scheme: "tcp", host: "tcp", port: 8080 }],
    ["ws://example.org", { scheme: "ws", host: "example.org", port: 80, path: "/" }],
    ["wss://example.org?a=1", { scheme: "wss", host: "example.org", port: 443, path: "/?a=1" }],
    ["ws://[::1]:8080/a/b?c=d", { scheme: "ws", host: "::1", port: 8080, path: "/a/b?c=d" }],
    ["ws:/a/b", { scheme: "ws", host: "", port: 0, path: "/a/b" }],
    ["wss:/", { scheme: "wss", host: "", port: 0, path: "/" }],
    ["ws:", { scheme: "ws", host: "", port: 0, path: "/" }],
    ["wss://[::1]", { scheme: "wss", host: "::1", port: 443, path: "/" }],
    ["unix:/run/app.sock", { scheme: "unix", path: "/run/app.sock" }],
    ["unix:///run/app.sock", { scheme: "unix", path: "/run/app.sock" }],
    ["unix:app.sock", { scheme: "unix", path: "app.sock" }],
    ["memory:room-1", { scheme: "memory", name: "room-1" }],
  ];
  for (const [text, endpoint] of spellings) {
    test(text, () => assert.deepEqual(parseEndpoint(text), endpoint));
  }
});

suite("an error names the part that is wrong and says what to write", () => {
  const wrongs: [text: string, message: string][] = [
    ["", 'bad endpoint "": it is empty; write tcp://host:port'],
    [
      "ftp://example.org:80",
      'bad endpoint "ftp://example.org:80": there is no scheme "ftp"; use one of tcp, tls, udp, ws, wss, unix, memory',
    ],
    [
      "https://example.org/live",
      'bad endpoint "https://example.org/live": there is no scheme "https"; a WebSocket is wss://…',
    ],
    [
      "tcp:example.org:80",
      'bad endpoint "tcp:example.org:80": after "tcp:" two slashes are missing; write tcp://…',
    ],
    ["localhost", 'bad endpoint "localhost": the port is missing; write host:port'],
    ["tls://localhost", 'bad endpoint "tls://localhost": the port is missing; write host:port'],
    ["[::1]", 'bad endpoint "[::1]": the port is missing; write host:port'],
    [
      "localhost:http",
      'bad endpoint "localhost:http": "http" is no port; a port is a number from 0 to 65535',
    ],
    [
      "localhost:65536",
      'bad endpoint "localhost:65536": "65536" is no port; a port is a number from 0 to 65535',
    ],
    ["localhost:-1", 'bad endpoint "localhost:-1": "-1" is no port; a port is a number from 0 to 65535'],
    ["localhost:", 'bad endpoint "localhost:": "" is no port; a port is a number from 0 to 65535'],
    ["[::1]:", 'bad endpoint "[::1]:": "" is no port; a port is a number from 0 to 65535'],
    [
      "1.2.3.400:80",
      'bad endpoint "1.2.3.400:80": "1.2.3.400" is no IPv4 address; it has four numbers from 0 to 255',
    ],
    ["1.2.3:80", 'bad endpoint "1.2.3:80": "1.2.3" is no IPv4 address; it has four numbers from 0 to 255'],
    [
      "[localhost]:80",
      'bad endpoint "[localhost]:80": "localhost" is no IPv6 address; only those stand in brackets',
    ],
    ["[::1:80", 'bad endpoint "[::1:80": the bracket after the IPv6 address is missing; write [::1]:port'],
    [
      "::1:80",
      'bad endpoint "::1:80": the host "::1" has a colon in it; put an IPv6 address in brackets: [::1]',
    ],
    [
      "two words:80",
      'bad endpoint "two words:80": "two words" is no host name; a host has letters, digits, hyphens and dots',
    ],
    [
      "-x.org:80",
      'bad endpoint "-x.org:80": "-x.org" is no host name; a host has letters, digits, hyphens and dots',
    ],
    [
      "a..b:80",
      'bad endpoint "a..b:80": "a..b" is no host name; a host has letters, digits, hyphens and dots',
    ],
    [
      "tcp://localhost:80/path",
      'bad endpoint "tcp://localhost:80/path": a tcp endpoint has no path, found "/path"; write tcp://host:port',
    ],
    [
      "ws://localhost/#top",
      'bad endpoint "ws://localhost/#top": the path "/#top" has a fragment; leave out what follows #',
    ],
    [
      "ws://localhost/a b",
      'bad endpoint "ws://localhost/a b": the path has a space or a character beyond ASCII; write it as %20 and the like',
    ],
    ["unix:", 'bad endpoint "unix:": the path is missing; write unix:/path'],
    ["unix://", 'bad endpoint "unix://": the path is missing; write unix:/path'],
    ["unix:/a\0b", 'bad endpoint "unix:/a\0b": the path has a zero byte in it; leave it out'],
    [
      "memory:",
      'bad endpoint "memory:": "" is no name; write memory:name with up to 64 letters, digits, dots and hyphens',
    ],
  ];
  for (const [text, message] of wrongs) {
    test(text === "" ? "the empty text" : text.replace("\0", "␀"), () => {
      assert.throws(
        () => parseEndpoint(text),
        (error) => {
          assert.ok(error instanceof UsageError);
          assert.equal(error.code, "ERR_ENDPOINT");
          assert.equal(error.message, message);
          return true;
        },
      );
    });
  }

  test("a value that is no text at all", () => {
    const port: unknown = 8080;
    assert.throws(() => parseEndpoint(port as string), {
      message: 'bad endpoint "8080": it is no text; write tcp://host:port',
    });
  });

  test("a host name above 253 characters", () => {
    const long = Array.from({ length: 64 }, () => "abc").join(".");
    assert.throws(() => parseEndpoint(`${long}:80`), /is no host name/);
  });

  test("a Unix path above 103 bytes, counted in bytes", () => {
    assert.deepEqual(parseEndpoint(`unix:/${"x".repeat(102)}`), {
      scheme: "unix",
      path: `/${"x".repeat(102)}`,
    });
    assert.throws(() => parseEndpoint(`unix:/${"é".repeat(52)}`), /the path is 105 bytes long; 103 are/);
  });
});

suite("a secret in an endpoint is refused, and never repeated", () => {
  for (const text of ["tcp://ann:hunter2@host:1", "http://ann:hunter2@host", "ann:hunter2@host:1"]) {
    test(text, () => {
      assert.throws(
        () => parseEndpoint(text),
        (error) => error instanceof UsageError && !error.message.includes("hunter2"),
      );
    });
  }

  test("the error still shows the host", () => {
    assert.throws(() => parseEndpoint("tcp://ann:hunter2@host:1"), {
      message:
        'bad endpoint "tcp://…@host:1": it holds a user name or password; secrets do not belong in an endpoint',
    });
  });
});

test("a line break never gets into a path, where it would begin an HTTP header", () => {
  assert.throws(() => parseEndpoint("ws://localhost/a\r\nCookie: x"), /the path has a space/);
});

const octet = fc.nat(255);
const ipv4 = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join("."));
const ipv6 = fc.ipV6().map((address) => address.toLowerCase());
const name = fc.stringMatching(/^[a-z][a-z0-9]{0,20}(\.[a-z][a-z0-9]{0,20}){0,3}$/);
const host = fc.oneof(name, ipv4, ipv6, fc.constant("*"));
const port = fc.nat(65_535);
const urlPath = fc.stringMatching(/^\/[a-zA-Z0-9._~%/?&=@:-]{0,40}$/);
const filePath = fc.stringMatching(/^\/?[a-z0-9._@: -][a-z0-9._@/: -]{0,90}$/);
/** Objects such as the parser makes: with a prototype. */
const plain = { noNullPrototype: true } as const;
const endpoint: fc.Arbitrary<Endpoint> = fc.oneof(
  fc.record({ scheme: fc.constantFrom("tcp", "tls", "udp"), host, port }, plain),
  fc.record({ scheme: fc.constantFrom("ws", "wss"), host, port, path: urlPath }, plain),
  fc.record({ scheme: fc.constant("unix"), path: filePath }, plain),
  fc.record({ scheme: fc.constant("memory"), name: fc.stringMatching(/^[\w.-]{1,64}$/) }, plain),
);

test("every endpoint can be written and read back", () => {
  fc.assert(
    fc.property(endpoint, (value) => {
      assert.deepEqual(parseEndpoint(formatEndpoint(value)), value);
    }),
  );
});

test("whatever is read at all has one canonical text", () => {
  const scraps = fc.constantFrom(
    "tcp:",
    "ws:",
    "unix:",
    "memory:",
    "//",
    "/",
    ":",
    "[",
    "]",
    "::1",
    "*",
    "80",
    "a",
    "%",
    "?",
    "@",
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(scraps, { maxLength: 8 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, (written) => {
      let first: Endpoint;
      try {
        first = parseEndpoint(written);
      } catch (error) {
        assert.ok(error instanceof UsageError, `threw ${String(error)}`);
        return;
      }
      const canonical = formatEndpoint(first);
      assert.deepEqual(parseEndpoint(canonical), first);
      assert.equal(formatEndpoint(parseEndpoint(canonical)), canonical);
    }),
    { numRuns: 2_000 },
  );
});

test("IPv4 addresses have four numbers from 0 to 255, without leading zeros", () => {
  for (const good of ["0.0.0.0", "255.255.255.255", "10.20.30.40"]) assert.ok(isIpv4(good), good);
  for (const bad of [
    "",
    "1.2.3",
    "1.2.3.4.",
    "1.2.3.4.5",
    "256.1.1.1",
    "01.2.3.4",
    "1..2.3",
    "a.b.c.d",
    "1.2.3.4\n",
  ]) {
    assert.ok(!isIpv4(bad), bad);
  }
});

test("a zone may have the name of any interface", () => {
  for (const zone of ["eth0", "d+y", "a@b", "x?#y", "ü"]) {
    const endpoint = { scheme: "tcp", host: `fe80::1%${zone}`, port: 1 } as const;
    assert.deepEqual(parseEndpoint(`tcp://[fe80::1%${zone}]:1`), endpoint);
    assert.deepEqual(parseEndpoint(formatEndpoint(endpoint)), endpoint);
  }
  for (const zone of ["", "a b", "a%b", "a/b", "a\u0007"]) assert.ok(!isIpv6(`fe80::1%${zone}`), zone);
});

test("IPv6 addresses may be shortened once, end in an IPv4 address, and name a zone", () => {
  const goods = [
    "::",
    "::1",
    "1::",
    "1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7::",
    "::ffff:10.0.0.1",
    "fe80::1%eth0",
    "FE80::A",
  ];
  for (const good of goods) assert.ok(isIpv6(good), good);
  const bads = [
    "",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "12345::",
    "g::",
    "::1.2.3",
    "1.2.3.4::",
    "1.2.3.4",
    "fe80::1%",
    "fe80::1%a%b",
    "%eth0",
  ];
  for (const bad of bads) assert.ok(!isIpv6(bad), bad);
  fc.assert(fc.property(ipv6, (address) => isIpv6(address)));
});

test("a loopback host is one by its address, not by how its name begins", () => {
  for (const host of ["127.0.0.1", "127.255.0.3", "::1", "localhost"]) assert.ok(isLoopback(host), host);
  for (const host of ["127.example.com", "128.0.0.1", "localhost.example", "::", "0.0.0.0", "*", ""]) {
    assert.ok(!isLoopback(host), host);
  }
});

test("an address as the system writes it becomes an endpoint of its own family", () => {
  assert.equal(endpointOf("udp", "127.0.0.1", 5), "udp://127.0.0.1:5");
  assert.equal(endpointOf("tcp", "::1", 5), "tcp://[::1]:5");
  assert.equal(endpointOf("tcp", "::ffff:127.0.0.1", 5), "tcp://127.0.0.1:5");
  assert.equal(endpointOf("udp", "fe80::1%lo", 5), "udp://[fe80::1%lo]:5");
});
