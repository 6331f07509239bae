import { DEFAULT_RECALL } from "../../answers/options.ts";
import type { RecallReport } from "../../train/index.ts";

/** Describes what recall curves were measured on, and what they mean for a `topK` that names no recall. */
export function recallText({ source, queryCount, highestRecall }: Omit<RecallReport, "rowRecall">): string {
  const isReal = source === "queries";
  const basis = isReal
    ? `measured on ${queryCount} ${queryCount === 1 ? "query" : "queries"}`
    : `measured on ${queryCount} stand-in queries, so a recall keeps a larger margin; --queries measures on yours`;
  if (highestRecall >= DEFAULT_RECALL) return basis;
  const end = `${basis}. They promise at most ${highestRecall.toFixed(2)} of the 10 best classes`;
  const remedy = isReal ? "; more queries may promise more" : "";
  return `${end}, so topK reads all rows by default${remedy}`;
}
