import type { BatchAnswer, CoveredAnswer, ResponseMeta } from "../../contract/wire.ts";

/** The answer for one query. */
export type Answered<Answer> = Promise<ResponseMeta & Answer>;
/** The answers for several queries. */
export type AnsweredEach<Answer> = Promise<BatchAnswer<Answer>>;
/** The option that accepts an answer of some parts. */
export type AllowPartial = {
  /** If parts are missing, a router answers with the values that are certain from the others. */
  readonly partial: "allow";
};
/** The option that asks for an answer of all parts, which is the default. */
export type OfAll = {
  /** A router answers with a 503 if parts are missing. */
  readonly partial?: "refuse";
};
/** `coverage` says which: without the fields of the answer of all parts, some are missing. */
export type OfSome<Whole, Some> = (Whole & CoveredAnswer) | Some;
