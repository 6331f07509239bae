import type { IndexInfo } from "../../index.ts";
import { partOf } from "../../parts/loaded-part.ts";
import type { PartInfo } from "../../parts/part.ts";
import { EvenRows } from "./even-rows.ts";
import { type Copies, carriedBytes, RepeatedRows } from "./repeated-rows.ts";
import { carriedShare, normSpread } from "./row-geometry.ts";
import type { TablePart } from "./table-part.ts";

/** The most rows that norms and directions are measured on, evenly spaced among those of all parts. */
const MOST_ROWS = 20_000;
const ASKED_ROWS = 32;

/** What the rows of a table were read for, once. */
export interface TableSurvey {
  readonly itemCount: number;
  readonly dim: number;
  readonly rowType: IndexInfo["rowType"];
  /** The most frequent row. */
  readonly most: Copies;
  /** The ratio of the norms of the 99th and the first percentile. */
  readonly normSpread: number;
  /** The share of Σ‖row‖² along the direction that has most of it. */
  readonly carriedShare: number;
  /** Evenly spaced rows that are queries, f32 (n, dim). */
  readonly queries: Float32Array;
  readonly infos: readonly PartInfo[];
}

/** Returns the most memory that a survey takes beside an open part. */
export const surveyBytes = (itemCount: number, dim: number): number =>
  2 * 4 * dim * Math.min(itemCount, MOST_ROWS) + carriedBytes(itemCount);

/** Surveys the rows of a table, whose parts are opened one after the other. */
export async function surveyTable(parts: readonly TablePart[]): Promise<TableSurvey> {
  const itemCount = parts.reduce((sum, { classes }) => sum + classes, 0);
  const repeated = new RepeatedRows(parts.length);
  const [rows, queries] = [
    new EvenRows(itemCount, Math.min(itemCount, MOST_ROWS)),
    new EvenRows(itemCount, ASKED_ROWS),
  ];
  const infos: PartInfo[] = [];
  let [first, facts]: [number, Pick<IndexInfo, "dim" | "rowType">] = [0, { dim: 1, rowType: "i8" }];
  for (const [number, part] of parts.entries()) {
    await part.use((index) => {
      facts = index.info; // all parts have the same
      infos.push({ ...partOf(index, { number }).info });
      repeated.add(index);
      for (const sample of [rows, queries]) sample.add(index, first);
    });
    first += part.classes;
  }
  const { dim, rowType } = facts;
  const sample = rows.values();
  return {
    ...{ itemCount, dim, rowType, most: repeated.most(), queries: queries.values(), infos },
    ...{ normSpread: normSpread(sample, dim), carriedShare: carriedShare(sample, dim) },
  };
}
