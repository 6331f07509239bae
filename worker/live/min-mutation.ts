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

/** The change that the answer to a request must have. */
export interface MinMutation {
  /** Its number, 0 for none. */
  readonly mutation: number;
  /** The field or header that names it. */
  readonly name: string;
}

/** Returns the change that the answer to a request must have: the later one of its field and its header. */
export function minMutationOf(c: Context, fields?: object): MinMutation {
  const { minMutation = 0 } = (fields ?? {}) as { readonly minMutation?: number };
  const inField = { mutation: minMutation, name: "minMutation" };
  const header = c.req.header(MIN_MUTATION_HEADER);
  if (header === undefined) return inField;
  const result = v.safeParse(live.minMutation, header);
  if (!result.success) {
    throw invalidField(MIN_MUTATION_HEADER, `a mutation of an answer in digits, got ${shown(header)}`);
  }
  const { output = 0 } = result;
  return output > minMutation ? { mutation: output, name: MIN_MUTATION_HEADER } : inField;
}

/** An endpoint whose requests may have `minMutation`, which the host reads. */
export const adaptLive = <Fields extends RequestFields>(endpoint: Endpoint<Fields>): Endpoint<Fields> =>
  endpointWithFields(endpoint, live);
