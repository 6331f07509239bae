import { answerRows } from "../../batch/answer-rows.ts";
import { batchesWith } from "../../batch/batches.ts";
import type { IndexSource } from "../../bytes/byte-source.ts";
import { ADDRESSABLE_BYTES } from "../../memory/addressable-bytes.ts";
import type { Modules } from "../../memory/kernels.ts";
import { limitsOf } from "../../memory/load-options.ts";
import { measureBounds } from "../../memory/measure-bounds.ts";
import { type OpenedIndex, openIndex } from "../../memory/opened-index.ts";
import { MOST_RESCORED } from "./recall-settings.ts";

/** Queries that are asked together: few, so that threads share the work and a build can yield. */
export const PIECE_QUERIES = 4;

/** Puts the queries from number `first` to the one before `end` in place, and calls `measure` with each. */
export type AskQueries = (first: number, end: number, measure: (opened: OpenedIndex, query: number) => void) => void;

/** Opens an index file to measure its recall with queries, f32 (n, dim). */
export async function openForRecall(modules: Modules, file: IndexSource, queries: Float32Array): Promise<AskQueries> {
  const opened = await openIndex(
    modules,
    file,
    limitsOf({ maxScan: MOST_RESCORED, maxBytes: ADDRESSABLE_BYTES }),
    batchesWith(modules.batch),
  );
  const { kernels, plan, header } = opened;
  const { dim } = header.facts;
  const place = new Float32Array(kernels.memory.buffer, plan.regions.query, dim);
  measureBounds(opened);
  return (first, end, measure) => {
    const placeRow = (row: number): void => {
      place.set(queries.subarray((first + row) * dim, (first + row + 1) * dim));
      kernels.prepareQuery(plan.layout);
      kernels.refineTop(plan.layout);
    };
    answerRows(opened, end - first, placeRow, (row) => measure(opened, first + row));
  };
}
