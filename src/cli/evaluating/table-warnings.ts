import type { Part } from "../../parts/part.ts";
import { PartedIndex } from "../../parts/parted-index.ts";
import type { PartedOptions } from "../../parts/parted-options.ts";
import { askedInTurn } from "./asked-in-turn.ts";
import { MOST_COPIES } from "./repeated-rows.ts";
import type { TablePart } from "./table-part.ts";
import { surveyTable, type TableSurvey } from "./table-survey.ts";

// Each warning is about a table that was measured to index badly, with recall@10 of the default calls. Thresholds are the
// points at which recall began to fall on two or three published heads of 10,000 and 50,000 classes, to which the fault was
// done. What did no harm there gives no warning: copies of many different rows, columns without values, a direction in which
// rows differ most.

/** Zero rows in this share of the classes: recall fell by up to .08, and to .78 with half of all. */
const MOST_ZEROS = 0.1;
/**
 * From this ratio of the norms of the 99th and the first percentile on, recall may fall: it fell by up to .06 with log-normal
 * norms, but not if queries ask only for the longest rows. So it is measured, with rows as queries.
 */
const MOST_SPREAD = 250;
const LEAST_RECALL = 0.97;
const TEN = 10;
/** The share of Σ‖row‖² along one direction from which on int8 rows lose recall: .01 to .06 with this share, .2 with .999. */
const MOST_CARRIED = 0.99;

/**
 * Describes the properties that make the rows of an index hard to index or to store, with their measured cost in recall. The parts of
 * a manifest are opened one after the other, and are judged as one table.
 */
export const tableWarnings = async (parts: readonly TablePart[], measured: PartedOptions = {}): Promise<string[]> =>
  surveyWarnings(await surveyTable(parts), parts, measured);

/** Describes the properties of a table by its survey. The parts are opened again if norms may cost recall. */
export async function surveyWarnings(
  { itemCount, dim, rowType, most, normSpread, carriedShare, queries, infos }: TableSurvey,
  parts: readonly TablePart[],
  measured: PartedOptions,
): Promise<string[]> {
  if (itemCount === 0) return [];
  const warnings: string[] = [];
  const { copies, isZero } = most;
  if (isZero && copies >= MOST_ZEROS * itemCount) {
    warnings.push(
      `${copies} of ${itemCount} rows are zero: recall@10 by default fell by up to 0.08 with a tenth of them, to 0.78 with half; leave them out`,
    );
  }
  if (!isZero && copies >= MOST_COPIES) {
    warnings.push(
      `${copies} of ${itemCount} rows are the same, and fill the head of a call: recall@10 by default fell by up to 0.08 with 1,000 of them, to 0.85 with half of all; make them one class`,
    );
  }
  const recall = normSpread >= MOST_SPREAD ? await recallOf(queries, askedInTurn(parts, infos), measured) : 1;
  if (recall < LEAST_RECALL) {
    warnings.push(
      `norms differ ${normSpread.toFixed(0)}-fold from the first to the 99th percentile: recall@10 by default is ${recall.toFixed(2)} with ${queries.length / dim} of the rows as queries; large rows take the codewords, so scale rows alike, or ask with exact`,
    );
  }
  // Rows of one value have one direction and lose nothing as int8, and of ten classes all are among the ten best.
  const carried = dim > 1 && itemCount > TEN ? carriedShare : 0;
  if (rowType === "i8" && carried >= MOST_CARRIED) {
    warnings.push(
      `one direction has ${(100 * carried).toFixed(2)} % of the squared norms: int8 rows lost 0.01 to 0.06 of recall@10 at 99 %, up to 0.2 at 99.9 %; subtract the mean row, which changes no probability with dot products, leave out a constant column, or take --row-type f16`,
    );
  }
  return warnings;
}

/** Asks for the ten best classes by default with rows as queries, and returns the share of the true ones in them. */
async function recallOf(queries: Float32Array, parts: readonly Part[], measured: PartedOptions): Promise<number> {
  const index = new PartedIndex(parts, measured);
  const batch = queries.length / index.info.dim;
  const [best, answered] = [
    await index.topK(queries, TEN, { exact: true, batch }),
    await index.topK(queries, TEN, { batch }),
  ];
  let [found, wanted] = [0, 0];
  for (const [row, { ids }] of best.entries()) {
    const given = new Set(answered[row]?.ids);
    wanted += ids.length;
    found += ids.filter((id) => given.has(id)).length;
  }
  return found / wanted;
}

/** Writes warnings for people. */
export const warningLines = (warnings: readonly string[] = []): string[] =>
  warnings.map((warning) => `warning: ${warning}`);
