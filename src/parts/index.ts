/**
 * Several parts of the classes as one index: {@link PartedIndex} puts loaded indexes together, with the calls of
 * {@link MultiIndex}. Beneath are questions, partial answers and their merge, which contain no WebAssembly. docs/parts.md says
 * what stays exact.
 *
 * @module
 */
export { decodeAnswer, encodeAnswer } from "./answer-message.ts";
export {
  logPartitionOf,
  logProbabilityOf,
  predictionOf,
  sampleOf,
  sampleTopKOf,
  slateOf,
  topKOf,
  valuesOf,
} from "./final-answers.ts";
export { type PartOptions, partOf } from "./loaded-part.ts";
export { mergeAnswers } from "./merge.ts";
export type { Part, PartInfo } from "./part.ts";
export { PartedIndex } from "./parted-index.ts";
export type { PartedOptions } from "./parted-options.ts";
export type {
  ClassMetadata,
  EstimateTerms,
  PartialAnswer,
  PartialArrivals,
  PartialClasses,
  PartialDraws,
  PartialEstimate,
  PartialKeys,
  PartialLaw,
  PartialSlate,
  PartialTop,
  PartialValues,
} from "./partial-answer.ts";
export type { PartPlacement } from "./placed-parts.ts";
export type { Question, QuestionCall, QuestionOptions } from "./question.ts";
export { decodeQuestion, encodeQuestion } from "./question-message.ts";
