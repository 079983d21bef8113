#!/usr/bin/env node
// The command `holdfast`: reads argv, runs the one command that was asked for, and ends with its exit code.
// Invariant: nothing is loaded that this run does not use, so `holdfast --help` is quick.

import { exitCodeOf, explain } from "./failure.js";
import { flushed, quietly } from "./output.js";
import { buildProgram } from "./program.js";

quietly();
try {
  await buildProgram().parseAsync(process.argv);
  await flushed();
  // What is left open, such as a terminal that still waits for a line, must not keep us.
  process.exit();
} catch (error) {
  await explain(error);
  await flushed();
  process.exit(await exitCodeOf(error));
}
