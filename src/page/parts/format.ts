// Numbers as people read them: durations, sizes, rates. The shortest form that still tells what matters.

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** `0.4 ms`, `7 ms`, `2.3 s`, `41 s`, `3 m 20 s`, `2 h 5 m`, `4 d 3 h`. */
export function duration(ms: number): string {
  if (ms < 9.95) return `${tidy(Math.max(0, ms).toFixed(1))} ms`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < minuteMs) return `${Math.floor(ms / 1_000)} s`;
  if (ms < hourMs) return pair(ms, minuteMs, "m", 1_000, "s");
  if (ms < dayMs) return pair(ms, hourMs, "h", minuteMs, "m");
  return pair(ms, dayMs, "d", hourMs, "h");
}

function pair(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % large) / small);
  const whole = `${Math.floor(ms / large)} ${largeName}`;
  return rest === 0 ? whole : `${whole} ${rest} ${smallName}`;
}

const units = ["B", "kB", "MB", "GB", "TB"] as const;

/** `0 B`, `812 B`, `1.2 kB`, `34 MB`: thousands, as networks count. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${unit === 0 || value >= 9.95 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** `0`, `0.4`, `12`, `1,204`. */
export function rate(perSecond: number): string {
  return perSecond > 0 && perSecond < 9.95 ? tidy(perSecond.toFixed(1)) : count(perSecond);
}

export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** `1 message`, `2 messages`. */
export function several(amount: number, one: string, many: string = `${one}s`): string {
  return `${count(amount)} ${amount === 1 ? one : many}`;
}

/** `14:03:07`, of this machine's day. */
export function clockTime(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
}

function tidy(fixed: string): string {
  return fixed.endsWith(".0") ? fixed.slice(0, -2) : fixed;
}
