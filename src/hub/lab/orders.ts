// What a learner may order, checked: orders come from browsers and from argv.
// Invariant: whatever is thrown at it becomes an order within the bounds, or a UsageError that says what to change.

import { UsageError } from "../../core/errors.js";
import { limits } from "../../core/limits.js";
import { reasonText } from "../../core/reason.js";
import { cutWays, type LabName, type LabOrders, type LifeStep, labNames, lifeSteps } from "./messages.js";

const messagesMax = 8;
const readBytesMax = 1_024;
const pauseMsMax = 1_000;
const framings = ["none", "lines", "length4"] as const;

/**
 * The order that `value` is, with nothing else in it.
 * @throws UsageError, for a name of no experiment too.
 */
export function checkOrder<Name extends LabName>(name: Name, value: unknown): LabOrders[Name] {
  if (!labNames.includes(name)) {
    throw new UsageError(`there is no experiment ${quoted(name)}`, {
      advice: `choose ${labNames.join(", ")}`,
    });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UsageError(`an order is an object, got ${quoted(value)}`, { op: `lab ${name}` });
  }
  const order = new Fields(`lab ${name}`, value as { readonly [field: string]: unknown });
  return checks[name](order);
}

/** Whether `value` is a step of the experiment `life`. */
export function isLifeStep(value: unknown): value is LifeStep {
  return (lifeSteps as readonly unknown[]).includes(value);
}

const checks: { readonly [Name in LabName]: (order: Fields) => LabOrders[Name] } = {
  bytes(order) {
    const messages = order.list("messages", 1, messagesMax);
    for (const [at, message] of messages.entries()) {
      if (typeof message !== "string") order.fail(`messages[${at}] must be a text, got ${quoted(message)}`);
      if (/\p{Surrogate}/u.test(String(message))) {
        order.fail(`messages[${at}] holds half a surrogate pair, which UTF-8 has no bytes for`);
      }
    }
    const bytes = messages.reduce<number>((sum, message) => sum + Buffer.byteLength(String(message)), 0);
    if (bytes > limits.labBytesMax) {
      order.fail(`the messages may have ${limits.labBytesMax} bytes together, and have ${bytes}`);
    }
    const readBytes = order.count("readBytes", 1, readBytesMax);
    // Four bytes of length, or a line break, come with each message.
    if ((bytes + 4 * messages.length) / readBytes > limits.labReadsMax) {
      const most = limits.labReadsMax * readBytes - 4 * messages.length;
      order.fail(
        `with readBytes ${readBytes} the messages may have ${most} bytes together, and have ${bytes}`,
      );
    }
    return {
      messages: messages as string[],
      framing: order.choice("framing", framings),
      readBytes,
      pauseMs: order.given("pauseMs") ? order.count("pauseMs", 0, pauseMsMax) : 0,
    };
  },
  life(order) {
    const steps = order.given("steps") ? order.list("steps", 0, limits.labStepsMax) : [];
    const wrong = steps.find((step) => !isLifeStep(step));
    if (wrong !== undefined) order.fail(`${quoted(wrong)} is no step: they are ${lifeSteps.join(", ")}`);
    return { steps: steps as LifeStep[] };
  },
  cut(order) {
    return {
      how: order.choice("how", cutWays),
      messages: order.count("messages", 10, limits.labMessagesMax),
    };
  },
  kinds(order) {
    return {
      messages: order.count("messages", 10, limits.labMessagesMax),
      lossPercent: order.count("lossPercent", 0, 90),
      seed: order.count("seed", 0, 2 ** 32 - 1),
    };
  },
};

class Fields {
  readonly #op: string;
  readonly #fields: { readonly [field: string]: unknown };

  constructor(op: string, fields: { readonly [field: string]: unknown }) {
    this.#op = op;
    this.#fields = fields;
  }

  fail(reason: string): never {
    throw new UsageError(reason, { op: this.#op });
  }

  given(name: string): boolean {
    return this.#fields[name] !== undefined;
  }

  count(name: string, least: number, most: number): number {
    const value = this.#fields[name];
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most)
      return value;
    return this.fail(`${name} must be a whole number from ${least} to ${most}, got ${quoted(value)}`);
  }

  choice<const Choice extends string>(name: string, choices: readonly Choice[]): Choice {
    const value = this.#fields[name];
    const choice = choices.find((one) => one === value);
    return choice ?? this.fail(`${name} must be one of ${choices.join(", ")}, got ${quoted(value)}`);
  }

  list(name: string, least: number, most: number): readonly unknown[] {
    const value = this.#fields[name];
    if (Array.isArray(value) && value.length >= least && value.length <= most) return value as unknown[];
    const got = Array.isArray(value) ? `${value.length}` : quoted(value);
    return this.fail(`${name} must be a list of ${least} to ${most}, got ${got}`);
  }
}

/** As it may be shown: short, and without anything that moves a terminal's cursor. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(reasonText(value)).replaceAll(/[^\x20-\x7e]/g, "?");
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
