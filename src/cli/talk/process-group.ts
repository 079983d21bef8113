// A process and all that it started, as one: whatever did not leave its group on purpose (setsid).
// Invariant: a group outlives the process that gave it its number, so the number is not taken again while any is left.

/** How long a group may take to end in order. */
const graceMs = 2_000;
/** The system tells nobody that a group has gone: one has to look. */
const lookMs = 20;

/** 0 only looks. False if nobody is left. */
export function signalGroup(id: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-id, signal);
  } catch {
    return false;
  }
}

/** SIGTERM, and SIGKILL for what is still there after two seconds. Resolves once nobody is left. */
export async function endGroup(id: number): Promise<void> {
  if (!signalGroup(id, "SIGTERM")) return;
  for (const until = performance.now() + graceMs; performance.now() < until; ) {
    await new Promise((resolve) => setTimeout(resolve, lookMs));
    if (!signalGroup(id, 0)) return;
  }
  signalGroup(id, "SIGKILL");
}
