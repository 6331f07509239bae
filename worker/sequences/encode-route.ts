import type { Hono } from "hono";
import type { ObjectEntries } from "valibot";
import { isUnknownItem } from "../../src/encoder/item-ids.ts";
import { MAX_QUERY_BYTES } from "../contract/limits.ts";
import { Problem } from "../contract/problem.ts";
import { encodeSchema } from "../contract/sequence-requests.ts";
import { numbersOf } from "../endpoints/numbers.ts";
import { schemaWithFields } from "../endpoints/with-fields.ts";
import type { AnsweringHost } from "../host/host.ts";
import { REQUEST_ID_HEADER } from "../middleware/request-id.ts";
import { readBody } from "../request/body.ts";
import { NUMBER, requireWork } from "../request/work.ts";
import { encoderOf, type ItemEncoder } from "./encoders.ts";
import { itemWork } from "./sequence-queries.ts";
import { readState, writtenState } from "./state.ts";

export const ENCODE_PATH = "/v1/encode";

/**
 * Adds POST /v1/encode: the query of a sequence, and the state after it. A session that grows sends its new items and the state
 * of the answer before.
 *
 * @param entries further fields, which the host reads
 */
export function encodeRoute(app: Hono, host: AnsweringHost, entries: ObjectEntries = {}): void {
  const schema = schemaWithFields(encodeSchema, entries);
  app.post(ENCODE_PATH, async (c) => {
    c.set("route", ENCODE_PATH);
    const { fields, raw } = await readBody(c, schema, MAX_QUERY_BYTES);
    if (raw) throw new Problem("invalid_field", "body expected a JSON object, got raw vectors");
    return host.answerWith(
      c,
      async ({ index, version }) => {
        const encoder = encoderOf(index);
        const { dim, contentId } = index.info;
        requireWork(fields.sequence.length * itemWork(encoder, dim) + dim * NUMBER, host.settings(c).maxWork);
        const before = fields.state ? readState(fields.state, contentId) : encoder.start();
        encoder.lookUp?.(fields.sequence);
        const { state, query } = read(encoder, fields, before);
        const requestId = c.get("requestId");
        c.header(REQUEST_ID_HEADER, requestId);
        c.header("x-index-version", version);
        return c.json({ version, requestId, vector: numbersOf(query), state: writtenState(state, contentId) });
      },
      fields,
    );
  });
}

/** Reads the items of a sequence one after the other. */
function read(
  encoder: ItemEncoder,
  {
    sequence,
    unknownItems = "refuse",
  }: { readonly sequence: readonly unknown[]; readonly unknownItems?: "refuse" | "skip" },
  before: Float32Array,
): ReturnType<ItemEncoder["step"]> {
  let found: ReturnType<ItemEncoder["step"]> | undefined;
  for (const [i, item] of sequence.entries()) {
    try {
      found = encoder.step(found?.state ?? before, item as number);
    } catch (error) {
      if (unknownItems === "skip" && isUnknownItem(error)) continue;
      const { message } = error as Error;
      throw Object.assign(error as Error, { message: message.replace(/^"sequence"\[0\]/, `"sequence"[${i}]`) });
    }
  }
  if (found) return found;
  throw new RangeError(`"sequence" expected at least one ${unknownItems === "skip" ? "known " : ""}item, got none`);
}
