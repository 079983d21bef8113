// Which tab is shown, as the part of the address behind the #, so that a tab can be linked to and the back key works.
// Invariant: whatever stands there leads somewhere.

export const tabs = ["talk", "live", "lab"] as const;
export type Tab = (typeof tabs)[number];

export const experiments = ["bytes", "life", "cut", "kinds"] as const;
export type Experiment = (typeof experiments)[number];

export interface Route {
  readonly tab: Tab;
  readonly experiment: Experiment;
}

/** `#lab/cut` → the lab's third experiment. */
export function readRoute(hash: string): Route {
  const [first = "", second = ""] = hash.replace(/^#/, "").split("/");
  return {
    tab: tabs.find((tab) => tab === first) ?? "talk",
    experiment: experiments.find((experiment) => experiment === second) ?? "bytes",
  };
}
