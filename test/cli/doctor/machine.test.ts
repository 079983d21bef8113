import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { checkMachine } from "../../../src/cli/doctor/machine.js";
import { Program } from "../../support/program.js";
import { statuses } from "./patients.js";

/** A /proc with `taken` ports in use of the ten from 40000 on. */
function procWith(t: { after(step: () => void): void }, taken: number): string {
  const proc = mkdtempSync(join(tmpdir(), "holdfast-proc-"));
  t.after(() => rmSync(proc, { recursive: true, force: true }));
  for (const folder of ["self/fd", "sys/net/ipv4", "net"]) mkdirSync(join(proc, folder), { recursive: true });
  writeFileSync(join(proc, "self/fd/0"), "");
  writeFileSync(join(proc, "sys/net/ipv4/ip_local_port_range"), "40000\t40009\n");
  const rows = Array.from({ length: taken }, (_, index) => {
    const port = (40_000 + index).toString(16).toUpperCase();
    return `   ${index}: 0100007F:${port} 0100007F:1F90 01 00000000:00000000`;
  });
  // A listener outside the range, and a connection that shares its port with another.
  const others = ["  98: 00000000:1F90 00000000:0000 0A", "  99: 0100007F:9C40 0200007F:1F90 01"];
  writeFileSync(
    join(proc, "net/tcp"),
    `  sl  local_address rem_address\n${[...rows, ...others].join("\n")}\n`,
  );
  writeFileSync(join(proc, "net/tcp6"), "  sl  local_address rem_address\n");
  return proc;
}

test("what is left is counted", async (t) => {
  const found = await checkMachine(procWith(t, 7));
  assert.deepEqual(statuses(found), ["ok system", "ok system"]);
  assert.match(
    found[0]?.says ?? "",
    /^this process may open \d+ descriptors, and so many connections; 1 are open$/,
  );
  assert.equal(found[1]?.says, "7 of 10 ports to dial from are in use");
});

test("few descriptors are a warning", async (t) => {
  const module = new URL("../../../src/cli/doctor/machine.js", import.meta.url).href;
  const script = `import(${JSON.stringify(module)}).then((all) => all.checkMachine(process.argv[1])).then((found) => console.log(JSON.stringify(found[0])))`;
  const limited = new Program("sh", [
    "-c",
    'ulimit -n 200; exec "$@"',
    "sh",
    process.execPath,
    "-e",
    script,
    procWith(t, 0),
  ]);
  assert.match(await limited.line(), /"warning".*may open 200 descriptors.*ulimit -n/);
  assert.equal((await limited.exit).code, 0);
});

test("few ports are a warning", async (t) => {
  assert.equal((await checkMachine(procWith(t, 8)))[1]?.status, "warning");
});

test("a system that does not tell is no failure", async () => {
  assert.deepEqual(statuses(await checkMachine("/nowhere")), ["skipped system", "skipped system"]);
});

test("this system tells, if it is Linux", { skip: process.platform !== "linux" && "not Linux" }, async () => {
  const found = await checkMachine("/proc");
  assert.ok(found.every(({ status }) => status !== "skipped"));
});
