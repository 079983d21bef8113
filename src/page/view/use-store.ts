// A component that shows a store's value is drawn again when that has changed.

import type { Store } from "../parts/store.js";
import { useEffect, useState } from "./html.js";

export function useStore<Value>(store: Store<Value>): Value {
  const [value, setValue] = useState<Value>(() => store.value);
  useEffect(() => {
    // It may have changed between the first drawing and now.
    setValue(() => store.value);
    return store.follow((next) => setValue(() => next));
  }, [store]);
  return value;
}

/** Milliseconds of the page's clock, drawn anew every `everyMs` while `isRunning`. */
export function useClock(isRunning: boolean, everyMs: number): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    if (!isRunning) return;
    setNow(performance.now());
    const timer = setInterval(() => setNow(performance.now()), everyMs);
    return () => clearInterval(timer);
  }, [isRunning, everyMs]);
  return now;
}
