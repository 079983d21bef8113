// Where the arrow keys lead in a row of things of which one is current, as WAI-ARIA's patterns have it.

/** From the one at `index`, of `count`; undefined for a key that leads nowhere. */
export function nextIndex(key: string, index: number, count: number): number | undefined {
  switch (key) {
    case "ArrowRight":
      return (index + 1) % count;
    case "ArrowLeft":
      return (index + count - 1) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return undefined;
  }
}
