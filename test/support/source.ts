// The repository's own source as data, for the tests that state its policy.
// Paths are relative to the repository, which is where `npm test` runs.

import { existsSync, readdirSync, readFileSync } from "node:fs";

export interface SourceFile {
  /** `src/core/limits.ts` */
  readonly path: string;
  readonly text: string;
}

/** Every file below `folder` with one of these endings, in order; none if the folder is not there. */
export function filesIn(folder: string, ...endings: readonly string[]): SourceFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .map((path) => `${folder}/${path}`)
    .sort()
    .map((path) => ({ path, text: readFileSync(path, "utf8") }));
}

/**
 * What a module imports: static, dynamic, re-exported and type imports alike, in order. The formatter puts
 * every static import at the start of a line, which is what makes this enough. `undefined` stands for a
 * dynamic import of something other than a plain text.
 */
export function importsOf(text: string): (string | undefined)[] {
  const code = withoutComments(text);
  const patterns = [
    /^(?:import|export)\b[^;'"`]*?\bfrom\s*["']([^"']+)["']/gm,
    /^import\s*["']([^"']+)["']/gm,
    /\b(?:import|require)\s*\(\s*(?:["']([^"']+)["']\s*[,)])?/g,
  ];
  return patterns
    .flatMap((pattern) => [...code.matchAll(pattern)])
    .sort((a, b) => a.index - b.index)
    .map((match) => match[1]);
}

/** Comments blanked where they stand alone or behind code; texts with `//` in them, such as endpoints, stay. */
export function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|\s)\/\/ .*$/gm, "$1");
}
