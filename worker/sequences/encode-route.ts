import type { Hono } from "hono";
import type { ObjectEntries } from "valibot";
import { MAX_BATCH_BYTES } from "../contract/limits.ts";
import { encodeSchema } from "../contract/sequence-requests.ts";
import { numbersOf } from "../endpoints/numbers.ts";
import { schemaWithFields } from "../endpoints/with-fields.ts";
import type { AnsweringHost } from "../host/host.ts";
import { REQUEST_ID_HEADER } from "../middleware/request-id.ts";
import { readJson } from "../request/body.ts";
import { NUMBER, requireWork } from "../request/work.ts";
import { encoderOf, type ItemEncoder } from "./encoders.ts";
import { type Item, itemsWork, namingPlace } from "./sequence-queries.ts";
import { readState, stateWork, writtenState } from "./state.ts";

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
    const { fields } = await readJson(c, schema, MAX_BATCH_BYTES);
    return host.answerWith(
      c,
      async ({ index, version }) => {
        const encoder = encoderOf(index);
        const { dim, contentId } = index.info;
        const { sequence, unknownItems = "refuse" } = fields;
        const before = fields.state ? readState(fields.state, contentId) : encoder.start();
        requireWork(encodeWork(encoder, dim, before.length, sequence.length), host.settings(c).maxWork);
        encoder.lookUp?.(sequence);
        const { state, query } = namingPlace("sequence", () =>
          encoder.read(before, sequence as Item[], { unknown: unknownItems }),
        );
        const requestId = c.get("requestId");
        c.header(REQUEST_ID_HEADER, requestId);
        c.header("x-index-version", version);
        return c.json({ version, requestId, vector: numbersOf(query), state: writtenState(state, contentId) });
      },
      fields,
    );
  });
}

/** The work of reading `count` items after a state of so many values, and of writing the one behind them. */
function encodeWork(encoder: ItemEncoder, dim: number, given: number, count: number): number {
  const { units, length } = encoder;
  const hasRows = length < Number.POSITIVE_INFINITY;
  const items = count + (hasRows ? Math.floor(given / units) : 0);
  const written = units * (hasRows ? Math.min(items, length) : 1);
  return itemsWork(encoder, dim, items) + stateWork(given + written) + dim * NUMBER;
}
