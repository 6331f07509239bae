import * as v from "valibot";
import { natural } from "./condition-fields.ts";
import { MAX_BATCH } from "./limits.ts";

// The descriptions of the request fields of services whose index makes queries of sequences, for fields.ts.

const sequence = v.pipe(v.array(v.union([natural, v.string()])), v.minLength(1));
const sequences = v.pipe(v.array(sequence), v.minLength(1), v.maxLength(MAX_BATCH));

export const SEQUENCE_FIELDS = {
  sequence: {
    value: sequence,
    description:
      "One query as the items that somebody chose or wrote, by id or by label, in the order in which they occurred, for an index that was built with an encoder.",
  },
  sequences: { value: sequences, description: "A batch of queries of sequences, answered as vectors are." },
  unknownItems: {
    description:
      'What happens to items of sequences that the index does not have: "skip" ignores them, and "refuse", the default, answers with a 400.',
  },
  state: {
    description: "The state of an answer to the items before these. The default is the state before the first item.",
  },
} as const;
