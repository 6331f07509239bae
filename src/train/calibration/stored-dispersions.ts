import * as structs from "../../../build/structs.ts";
import { DISPERSION_DIRECTIONS } from "../../abi.ts";
import { storedRows } from "../../answers/stored-rows.ts";
import { bucketedCount } from "../../format/sections.ts";
import { paddedCodeword } from "../../format/tensor-spec.ts";
import type { OpenedIndex } from "../../memory/opened-index.ts";
import { principalDirections } from "../codes/directions.ts";
import { bucketDispersions } from "../codes/dispersion.ts";
import { sampledRows } from "../codes/residual-sample.ts";
import { padRows } from "../rows/padded-rows.ts";
import { storedResiduals } from "./stored-residuals.ts";

/** The tensors of the section of dispersions, f32. */
export interface StoredDispersions {
  readonly "dispersion.buckets": Float32Array;
  readonly "dispersion.directions": Float32Array;
  readonly "dispersion.means": Float32Array;
}

/**
 * Measures the dispersions of an index whose file has none. Those of buckets come from the norms that bounds are made of.
 * These are rounded up, by less than 1e-4 of them, and those of fine codes to the next of 32,767 levels.
 */
export function storedDispersions(opened: OpenedIndex): StoredDispersions {
  const { kernels, plan, header } = opened;
  const { bucketCount, dim, itemCount, largestBucket, hasFineCodes } = header.facts;
  const { buffer } = kernels.memory;
  kernels.measureResiduals(plan.layout);
  const norms = new Float32Array(buffer, plan.regions.residualNorms, itemCount);
  const integers = (name: "bucketCodes" | "bucketOffsets" | "ids", count: number): Int32Array =>
    new Int32Array(buffer, plan.file + (header.tensors[name]?.begin ?? 0), count);
  const lists = {
    codes: integers("bucketCodes", bucketCount),
    offsets: integers("bucketOffsets", bucketCount + 1),
    ids: integers("ids", itemCount),
    largestBucket,
  };
  const squares = new Float32Array(itemCount); // by id
  for (const [position, id] of lists.ids.entries()) squares[id] = (norms[position] as number) ** 2;
  const sample = sampledRows(itemCount, dim);
  const directions = principalDirections(storedResiduals(opened, sample), dim);
  const codes = hasFineCodes ? meanCodeSquare(opened) : 0;
  const longest = new DataView(buffer).getFloat32(plan.layout + structs.LAYOUT_ROW_BOUND, true); // 0 unless rows are int8
  const meanNorm = dim * meanSquare(storedRows(opened, sample));
  return {
    "dispersion.buckets": bucketDispersions(lists, squares),
    "dispersion.directions": padRows(directions, DISPERSION_DIRECTIONS, dim, paddedCodeword(dim)),
    "dispersion.means": Float32Array.of(codes, meanNorm, longest * longest),
  };
}

/** The mean squared residual of all rows under their fine codes. The row with the largest error has the largest level. */
function meanCodeSquare({ kernels, plan, header }: OpenedIndex): number {
  const { buffer } = kernels.memory;
  kernels.measureCodeErrors(plan.layout);
  const largest = new DataView(buffer).getFloat32(plan.layout + structs.LAYOUT_ERROR_BOUND, true);
  const levels = new Int16Array(buffer, plan.regions.codeErrors, bucketedCount(header.facts));
  const unit = largest / levels.reduce((most, level) => Math.max(most, level), 1);
  return meanSquare(levels) * unit * unit;
}

function meanSquare(values: Float32Array | Int16Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return values.length > 0 ? sum / values.length : 0;
}
