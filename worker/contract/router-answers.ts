import * as v from "valibot";
import { count } from "./answer-fields.ts";
import { infoAnswer, logPartitionAnswer, predictAnswer } from "./answers.ts";
import { vectorizeResult } from "./vectorize-answers.ts";

// The schemas of answers that routers give beside those of an index. The Worker does not import this file.

export const coverage = v.strictObject({
  parts: v.pipe(count, v.description("The number of parts that have answered.")),
  of: v.pipe(count, v.description("The number of all parts.")),
  classes: v.pipe(v.number(), v.description("The share of the classes that these parts have.")),
});

/** The fields of every answer that may lack some of the parts. */
export const covered = {
  coverage: v.pipe(
    coverage,
    v.description('The parts that the answer comes from, if the request has "partial": "allow".'),
  ),
};

const { ids, labels, scores, scored } = predictAnswer.entries;
export const predictOfAllAnswer = v.strictObject({ ...predictAnswer.entries, ...covered });
export const predictOfSomeAnswer = v.strictObject({
  ids,
  labels,
  scores,
  exact: v.pipe(v.literal(false), v.description("Always false: a class of a missing part may be better.")),
  scored,
  ...covered,
});

const { lower } = logPartitionAnswer.entries;
export const logPartitionOfAllAnswer = v.strictObject({ ...logPartitionAnswer.entries, ...covered });
export const logPartitionOfSomeAnswer = v.strictObject({ lower, scored, ...covered });

export const vectorizeOfSomeResult = v.strictObject({
  ...vectorizeResult.entries,
  coverage: v.exactOptional(covered.coverage),
});

const routedPart = v.strictObject({
  number: v.pipe(count, v.description("The number of the part in the manifest.")),
  classes: v.pipe(count, v.description("The number of its classes.")),
  idBase: v.pipe(count, v.description("The id of its first class.")),
  replicas: v.exactOptional(v.pipe(count, v.description("How many hosts serve it, if the manifest says so."))),
});

/** The fields that a router adds to the facts about an index. */
export const routed = {
  parts: v.pipe(v.array(routedPart), v.description("The parts behind a router, in the order of their ids.")),
};
export const routerInfoAnswer = v.strictObject({ ...infoAnswer.entries, ...routed });

const { version: _, ...facts } = infoAnswer.entries;
const partsBelow = { parts: v.exactOptional(routed.parts) };
const largestPart = v.pipe(
  v.strictObject({ ...facts, ...partsBelow }),
  v.description("The facts of the largest of the parts behind a router, by which the router above counts work."),
);
/** The facts that a part, or a router for several, reports about itself to a router. */
export const partDescription = v.strictObject({
  generation: v.pipe(v.string(), v.description("The generation of the manifest: its SHA-256, in hex.")),
  numbers: v.pipe(v.array(count), v.description("The numbers of the parts, ascending.")),
  info: v.pipe(
    v.strictObject({ ...facts, ...partsBelow, largest: v.exactOptional(largestPart) }),
    v.description("The facts that /v1/info gives."),
  ),
});
