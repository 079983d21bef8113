// Network namespaces of one test: hosts of its own on a wire of its own, where routes and firewalls can be broken.
// Invariant: their names are this process's, and they are gone when the test ends, or at the latest this process.

import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Cleanup, type Program, start } from "../support/program.js";
import { commandOf } from "./programs.js";

let count = 0;
const left = new Set<string>();
process.on("exit", () => {
  for (const name of left) remove(name);
});

export class Namespace {
  readonly name: string;

  constructor(t: Cleanup) {
    count += 1;
    this.name = `holdfast-${process.pid}-${count}`;
    ip("netns", "add", this.name);
    left.add(this.name);
    t.after(() => remove(this.name));
    ip("-n", this.name, "link", "set", "lo", "up");
  }

  /** `ip` inside. */
  ip(...args: string[]): void {
    ip("-n", this.name, ...args);
  }

  /** Adds rules to what comes in: `drops("tcp dport 7000")`. */
  drops(...matches: string[]): void {
    const rules = matches.map((match) => `${match} drop`).join("\n");
    this.#nft(`table inet holdfast {
      chain input { type filter hook input priority 0; ${rules}
      }
    }`);
  }

  /** Takes all such rules away again. */
  dropsNothing(): void {
    this.#nft("delete table inet holdfast");
  }

  /** Takes IPv6 away, as many a container has it. */
  withoutIpv6(): void {
    const write = "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6";
    execFileSync("ip", ["netns", "exec", this.name, "sh", "-c", write]);
  }

  /** A file of /etc as programs inside see it: `hosts`, `resolv.conf`. */
  etc(file: string, text: string): void {
    const folder = join("/etc/netns", this.name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, file), text);
  }

  /** Runs one of the programs of these tests inside: `run(t, "dial", endpoint, { timeoutMs: 200 })`. */
  run(t: Cleanup, program: string, ...args: (string | object)[]): Program {
    return start(t, ["ip", "netns", "exec", this.name, ...commandOf(program, ...args)]);
  }

  #nft(ruleset: string): void {
    execFileSync("ip", ["netns", "exec", this.name, "nft", "-f", "-"], { input: ruleset });
  }
}

export interface Wire {
  readonly near: Namespace;
  readonly far: Namespace;
}

/** Two hosts on one wire: `near` is 192.0.2.1 and 2001:db8::1, `far` 192.0.2.2 and 2001:db8::2 (documentation's own). */
export function wire(t: Cleanup): Wire {
  const [near, far] = [new Namespace(t), new Namespace(t)];
  const peer = ["peer", "name", "wire", "netns", far.name];
  near.ip("link", "add", "wire", "type", "veth", ...peer);
  for (const [host, last] of [
    [near, "1"],
    [far, "2"],
  ] as const) {
    host.ip("addr", "add", `192.0.2.${last}/24`, "dev", "wire");
    host.ip("addr", "add", `2001:db8::${last}/64`, "dev", "wire", "nodad");
    host.ip("link", "set", "wire", "up");
  }
  return { near, far };
}

function ip(...args: string[]): void {
  execFileSync("ip", args, { stdio: ["ignore", "ignore", "inherit"] });
}

function remove(name: string): void {
  if (!left.delete(name)) return;
  ip("netns", "del", name);
  rmSync(join("/etc/netns", name), { recursive: true, force: true });
}
