import type { FilterColumn } from "../columns/check-columns.ts";
import type { ChangesInfo } from "../index/info.ts";
import type { PartialAnswer } from "./partial-answer.ts";
import type { Question } from "./question.ts";

/** The most parts of an index, over all routers. */
export const MOST_PARTS = 65_536;
/** The largest number of a part. */
export const MOST_NUMBER = 2 ** 31 - 1;
/** The longest name of a generation in bytes of UTF-8. */
export const MOST_GENERATION = 256;

/** Facts about a part that questions depend on. */
export interface PartInfo {
  /** The number of classes. */
  readonly itemCount: number;
  /** The number of values in a query. */
  readonly dim: number;
  /** The similarity of rows and queries. */
  readonly metric: "dot" | "cosine";
  /** The name of the space that rows and queries are of, if the files have it. */
  readonly space?: string;
  /** True if all files have fine codes. */
  readonly hasFineCodes: boolean;
  /** True if all classes have labels. Default: false. */
  readonly hasLabels?: boolean;
  /**
   * The columns that filters are checked against before any part is asked, `$namespace` for namespaces. Default: they are not
   * known, and each part checks filters by itself.
   */
  readonly columns?: readonly FilterColumn[];
  /** The most classes that a call answers with. Default: that of `load`. */
  readonly maxK?: number;
  /** The most classes of a head. Default: that of `load`. */
  readonly maxScan?: number;
  /** The most draws. Default: that of `load`. */
  readonly maxDraws?: number;
  /** True if topK follows a recall curve when the call does not say how much to read. */
  readonly hasRecallCurve: boolean;
  /** The numbers of the parts behind it, ascending. */
  readonly numbers: readonly number[];
  /** The effect of changes (midx/changes) on the classes; `itemCount` is then the number of ids. Undefined without changes. */
  readonly changes?: Omit<ChangesInfo, "maxDelta">;
}

/** A part of the classes, in this process or elsewhere. */
export interface Part {
  /** Facts about the part. */
  readonly info: PartInfo;
  /**
   * Answers a question about the classes of this part.
   *
   * @param question with ids of this part, from 0
   * @returns the partial answer, with ids of this part
   *
   * @example
   * const part = partOf(index);
   * const answer = await part.answer({ call: "topK", query, size: 10, ids: new Int32Array(0), options: { exact: true } });
   */
  answer(question: Question): PartialAnswer | Promise<PartialAnswer>;
}
