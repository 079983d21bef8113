// What the experiment Cut shows, out of its events: the same messages over a session and over a plain connection.

import type { CutCounts, CutResult, CutRoad, LabEvent, Score } from "../../hub.js";

export interface CutView {
  readonly counts: CutCounts | undefined;
  readonly result: CutResult | undefined;
  /** How each road stands; `silent` is a link that carries nothing while nobody knows. */
  readonly roads: { readonly [road in CutRoad]: RoadState };
}

export type RoadState = "whole" | "silent" | "broken";

export function cutView(events: readonly LabEvent<"cut">[]): CutView {
  let counts: CutCounts | undefined;
  let result: CutResult | undefined;
  const roads: { [road in CutRoad]: RoadState } = { session: "whole", plain: "whole" };
  for (const event of events) {
    switch (event.event) {
      case "counts":
        counts = event.data;
        break;
      case "silent":
        roads[event.data.on] = "silent";
        break;
      case "cut":
        roads[event.data.on] = "broken";
        break;
      case "resuming":
        roads.session = "broken";
        break;
      case "resumed":
        roads.session = "whole";
        break;
      case "lost":
        roads.plain = "broken";
        break;
      case "redialled":
        roads.plain = "whole";
        break;
      case "result":
        result = event.data;
        break;
    }
  }
  return { counts, result, roads };
}

/** Both ways together. */
export function total({ up, down }: { readonly up: Score; readonly down: Score }): Score {
  return {
    sent: up.sent + down.sent,
    arrived: up.arrived + down.arrived,
    lost: up.lost + down.lost,
    doubled: up.doubled + down.doubled,
  };
}
