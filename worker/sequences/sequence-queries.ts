import { SKIP } from "../../src/encoder/item-ids.ts";
import { Problem } from "../contract/problem.ts";
import { sequenceQueries } from "../contract/sequence-requests.ts";
import type { Endpoint, RequestFields } from "../endpoints/endpoint.ts";
import { endpointWithFields } from "../endpoints/with-fields.ts";
import type { ServedIndex } from "../host/served-index.ts";
import { checkCount } from "../request/batch.ts";
import type { Body } from "../request/body.ts";
import { invalidField } from "../request/invalid-field.ts";
import { type Queries, type QueryFields, readQueries } from "../request/queries.ts";
import { encoderOf, type ItemEncoder } from "./encoders.ts";

interface SequenceFields {
  readonly sequence?: readonly unknown[];
  readonly sequences?: readonly unknown[];
  readonly unknownItems?: "refuse" | "skip";
}
type Unknown = NonNullable<SequenceFields["unknownItems"]>;
export type Item = number | string;

/** Multiply-adds of an encoder in the time of one of those that work counts: 3.5 (2.2 µs an item with 64 units, 16 with 200). */
const FASTER = 3.5;
/** Find an item by its label: 1 µs. */
const NAME = 2400;

/**
 * The work of reading `count` items. Attention multiplies the rows of the last `length` of them by six matrices in each block,
 * and has half of their pairs in two products. A row of its state has a vector, and a key and a value for each block.
 */
export function itemsWork({ units, length }: ItemEncoder, dim: number, count: number): number {
  const read = Math.min(count, length);
  const isAttention = length < Number.POSITIVE_INFINITY;
  const products = isAttention ? ((units / dim - 1) / 2) * dim * (6 * dim + read) : 3 * units * (dim + units);
  return count * NAME + read * Math.ceil(products / FASTER);
}

/** An endpoint that also takes sequences of items as its queries. */
export const adaptSequences = <Fields extends RequestFields>(endpoint: Endpoint<Fields>): Endpoint<Fields> => ({
  ...endpointWithFields(endpoint, sequenceQueries),
  queriesOf: readSequences,
});

/** Reads the queries of a body, which may be sequences. A 400 names the element that is wrong. */
function readSequences(body: Body<QueryFields & SequenceFields>, index: ServedIndex): Queries {
  const { sequence, sequences, unknownItems = "refuse", ...fields } = body.fields;
  const { vector, vectors, features, bags } = fields;
  const given = [sequence, sequences, vector, vectors, features, bags, body.raw].filter(Boolean).length;
  if (given !== 1) {
    const kinds = '"sequence", "sequences", "vector", "vectors", "features", "bags"';
    throw new Problem("invalid_field", `body expected one of ${kinds}, got ${given === 0 ? "none" : given}`);
  }
  if (sequence === undefined && sequences === undefined) {
    if (body.fields.unknownItems !== undefined) throw invalidField("unknownItems", '"sequence" beside it, got none');
    return readQueries({ ...body, fields }, index);
  }
  if (fields.weights) throw invalidField("weights", '"features" beside it, got none');
  const all = sequences ?? [sequence];
  if (sequences) checkCount(all.length, "sequences");
  const place = (i: number): string => (sequences ? `sequences[${i}]` : "sequence");
  const read = all.map((items, i) => itemsOf(items, place(i)));
  const encoder = encoderOf(index);
  const { dim } = index.info;
  return {
    count: all.length,
    batched: sequences !== undefined,
    work: read.reduce((sum, items) => sum + itemsWork(encoder, dim, items.length), 0),
    values() {
      encoder.lookUp?.(read.flat());
      const queries = new Float32Array(read.length * dim);
      for (const [i, items] of read.entries()) queries.set(encoded(encoder, items, unknownItems, place(i)), i * dim);
      return queries;
    },
  };
}

function itemsOf(items: unknown, place: string): readonly Item[] {
  if (Array.isArray(items)) return items; // the encoder checks the items
  throw invalidField(place, "an array of ids or labels");
}

function encoded(encoder: ItemEncoder, items: readonly Item[], unknown: Unknown, place: string): Float32Array {
  return namingPlace(place, () => encoder.encode(items, { unknown }));
}

/** Runs a call of an encoder whose errors name "sequence" if the body has it, and the option for unknown items as the body does. */
export function namingPlace<Result>(place: string, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    if (error instanceof Error) {
      error.message = error.message.replace(/^"sequence"/, `"${place}"`).replace(SKIP, '"unknownItems": "skip"');
    }
    throw error;
  }
}
