// When a page, its machine or its network may just have come back: browsers freeze pages, laptops sleep, phones change
// networks, and a link may have died meanwhile without a word.

import type { Wakes } from "../core/clock.js";

interface Target {
  addEventListener(name: string, listener: () => void): void;
  removeEventListener(name: string, listener: () => void): void;
}

/** What is used of a page, or of a worker, which has no document. */
export interface Page extends Target {
  readonly document?: (Target & { readonly visibilityState: string }) | undefined;
}

/** The network came back; the page was shown again from the browser's memory; was thawed; was looked at. */
export function wakesOf(page: Page): Wakes {
  return (onWake) => {
    const { document } = page;
    const onVisibility = () => {
      if (document?.visibilityState === "visible") onWake();
    };
    const events: readonly [Target | undefined, string, () => void][] = [
      [page, "online", onWake],
      [page, "pageshow", onWake],
      [document, "resume", onWake],
      [document, "visibilitychange", onVisibility],
    ];
    for (const [target, name, listener] of events) target?.addEventListener(name, listener);
    return () => {
      for (const [target, name, listener] of events) target?.removeEventListener(name, listener);
    };
  };
}
