import type { Context } from "hono";
import * as v from "valibot";
import { shown } from "../../src/internal.ts";
import { live } from "../contract/live-requests.ts";
import type { Endpoint, RequestFields } from "../endpoints/endpoint.ts";
import { endpointWithFields } from "../endpoints/with-fields.ts";
import { invalidField } from "../request/invalid-field.ts";

/** The header of every answer with the number of the last change that it has. */
export const MUTATION_HEADER = "x-mutation";
/** The header in which any request may name the change that its answer must have, as in the field `minMutation`. */
export const MIN_MUTATION_HEADER = "x-min-mutation";

interface MinMutation {
  readonly minMutation?: number;
}

/** Returns the change that the answer to a request must have, by its fields and its header. 0 without either. */
export function minMutationOf(c: Context, fields?: object): number {
  const { minMutation = 0 } = (fields ?? {}) as MinMutation;
  const header = c.req.header(MIN_MUTATION_HEADER);
  if (header === undefined) return minMutation;
  const result = v.safeParse(live.minMutation, header);
  if (!result.success) {
    throw invalidField(MIN_MUTATION_HEADER, `a mutation of an answer in digits, got ${shown(header)}`);
  }
  return Math.max(minMutation, result.output ?? 0);
}

/** An endpoint whose requests may have `minMutation`, which the host reads. */
export const adaptLive = <Fields extends RequestFields>(endpoint: Endpoint<Fields>): Endpoint<Fields> =>
  endpointWithFields(endpoint, live);
