import * as v from "valibot";
import { value } from "./condition-fields.ts";
import { deleteByIdsSchema, deleteSchema, MAX_CHANGED, upsertSchema } from "./live-requests.ts";

// The descriptions of the fields of requests to services that take changes. The Worker does not import this file.

const row = v.pipe(v.array(value), v.minLength(1));
const names = v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(MAX_CHANGED));

export const LIVE_FIELDS = {
  minMutation: {
    description:
      "The last mutation that the answer must reflect: mutationId of a write, or mutation of an answer. The service waits for it. It answers 412 if it cannot get the mutation now, and 400 if there is none with this number yet.",
  },
  labels: {
    value: names,
    description:
      'The classes by label, or by id such as "17" if the index has no labels. They have at most 1,024 bytes. If a label comes twice, the last row counts.',
  },
  rows: {
    value: v.pipe(v.array(row), v.minLength(1), v.maxLength(MAX_CHANGED)),
    description: "The row of each class, as many values as the index has dimensions.",
  },
  biases: { value: v.array(value), description: "The bias of each class, only for an index with biases." },
  metadata: {
    value: v.array(v.nullable(v.record(v.string(), v.unknown()))),
    description:
      "What is known of each class, at most 10,240 bytes and 64 levels of JSON: the values of the columns of the index, and anything else. A class without metadata keeps what it has.",
  },
  namespaces: {
    value: v.array(v.nullable(v.string())),
    description: "The namespace of each class, only for an index with namespaces.",
  },
} as const;

/** Fields with another meaning if classes are removed. */
export const OWN_LIVE_FIELDS = [
  [
    upsertSchema.entries.space,
    { description: "The name of the space of the rows. An index of another space refuses them." },
  ],
  [
    deleteSchema.entries.labels,
    {
      value: names,
      description: 'The classes to remove, by label, or by id such as "17" if the index has no labels.',
    },
  ],
  [
    deleteByIdsSchema.entries.ids,
    {
      value: names,
      description: "The ids of the classes to remove.",
    },
  ],
] as const;
