// withSchema(): another encoding, and nothing but what a schema allows; any validator that speaks Standard Schema v1.
// Invariant: no message goes out that the other side's same schema would refuse.

import type { StandardSchemaV1 } from "@standard-schema/spec";
import { ProtocolError, UsageError } from "../../core/errors.js";
import type { Encoder, Encoding } from "./encoding.js";

/**
 * Checks each message in both directions. What is sent is the schema's input, as the caller gave it; what is received
 * is the schema's output, so that its transforms and defaults run once, at the receiver.
 * A schema that validates asynchronously is a UsageError at the first message.
 */
export function withSchema<Schema extends StandardSchemaV1>(
  encoding: Encoding<StandardSchemaV1.InferInput<Schema>, unknown>,
  schema: Schema,
): Encoding<StandardSchemaV1.InferInput<Schema>, StandardSchemaV1.InferOutput<Schema>> {
  if (typeof schema?.["~standard"]?.validate !== "function") {
    throw new UsageError("withSchema() needs a schema that implements Standard Schema v1");
  }
  return {
    name: `withSchema(${encoding.name})`,
    // A piece of a message is not what the schema describes.
    anyCut: false,
    isText: encoding.isText,
    open: () => new CheckedEncoder(encoding.open(), schema),
  };
}

class CheckedEncoder<Schema extends StandardSchemaV1>
  implements Encoder<StandardSchemaV1.InferInput<Schema>, StandardSchemaV1.InferOutput<Schema>>
{
  readonly #encoder: Encoder<StandardSchemaV1.InferInput<Schema>, unknown>;
  readonly #schema: Schema;

  constructor(encoder: Encoder<StandardSchemaV1.InferInput<Schema>, unknown>, schema: Schema) {
    this.#encoder = encoder;
    this.#schema = schema;
  }

  encode(message: StandardSchemaV1.InferInput<Schema>): Uint8Array {
    validate(this.#schema, message, "local");
    return this.#encoder.encode(message);
  }

  decode(frame: Uint8Array, cut: boolean): StandardSchemaV1.InferOutput<Schema> | undefined {
    const message = this.#encoder.decode(frame, cut);
    const checked = validate(this.#schema, message, "remote");
    if (checked !== undefined) return checked;
    const advice = "let the schema make null of it";
    throw new UsageError("the schema made undefined of a message, which stands for the end", { advice });
  }

  end(): void {
    this.#encoder.end();
  }
}

function validate(schema: StandardSchemaV1, message: unknown, by: "local" | "remote"): unknown {
  let result: ReturnType<(typeof schema)["~standard"]["validate"]>;
  try {
    result = schema["~standard"].validate(message);
  } catch (cause) {
    throw new ProtocolError("ERR_INVALID_MESSAGE", by, "the schema threw on the message", { cause });
  }
  if ("then" in result) {
    // Nobody will look at its outcome, so a rejection must not end the process.
    result.then(undefined, () => {});
    const advice = "check what takes time after the message has been received";
    throw new UsageError("the schema validates asynchronously, but messages are checked at once", { advice });
  }
  if (result.issues === undefined) return result.value;
  throw new ProtocolError(
    "ERR_INVALID_MESSAGE",
    by,
    `the message breaks the schema: ${listed(result.issues)}`,
    {
      cause: result.issues,
    },
  );
}

const issuesListedMax = 3;
const issueTextMax = 100;

function listed(issues: readonly StandardSchemaV1.Issue[]): string {
  const shown = issues.slice(0, issuesListedMax).map(({ path, message }) => {
    const where = pathText(path ?? []);
    return shortened(where === "" ? message : `${where}: ${message}`);
  });
  const more = issues.length - shown.length;
  return more > 0 ? `${shown.join("; ")}; and ${more} more` : shown.join("; ");
}

/** `user.tags[2]`, as one would write it in code. */
function pathText(path: NonNullable<StandardSchemaV1.Issue["path"]>): string {
  let text = "";
  for (const segment of path) {
    const key = typeof segment === "object" ? segment.key : segment;
    if (typeof key === "number") text += `[${key}]`;
    else text += text === "" ? String(key) : `.${String(key)}`;
  }
  return text;
}

/** Keys and values in it may be the peer's own: bounded, and nothing that a terminal would act on. */
function shortened(text: string): string {
  const plain = text.slice(0, issueTextMax).replace(/\p{Control}/gu, " ");
  return text.length > issueTextMax ? `${plain}…` : plain;
}
