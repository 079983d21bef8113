// `node --import ./scripts/lib/mutate.js …` with HOLDFAST_MUTANT=name: the compiled source with one mistake put into it,
// as it is loaded. Nothing is written anywhere.

import { register } from "node:module";
import { isMainThread } from "node:worker_threads";

import { mutants, mutated } from "./mutants.js";

if (isMainThread) register(import.meta.url);

const edits = mutants[process.env.HOLDFAST_MUTANT ?? ""] ?? [];

/** @type {import("node:module").LoadHook} */
export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  const own = edits.filter(({ file }) => url.endsWith(`/build/src/${file}`));
  if (own.length === 0) return loaded;
  return { ...loaded, source: mutated(String(loaded.source), own) };
}
