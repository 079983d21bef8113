// Numbers as people read them.

const units = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** `12 B`, `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  let power = 0;
  while (power < units.length - 1 && bytes >= 1_024 ** (power + 1)) power += 1;
  return `${power === 0 ? bytes : (bytes / 1_024 ** power).toFixed(1)} ${units[power]}`;
}

/** Three digits that matter: `0.412 ms`, `12.3 ms`, `1,230 ms` is `1.23 s`. */
export function formatMs(ms: number): string {
  return ms < 1_000 ? `${Number(ms.toPrecision(3))} ms` : `${Number((ms / 1_000).toPrecision(3))} s`;
}
