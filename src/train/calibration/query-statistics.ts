import type { CalibrationFacts } from "../../format/calibration.ts";
import type { StatisticsFacts } from "../../format/statistics.ts";
import {
  bandIn,
  CLASSES_PER_BYTE,
  STATISTICS_BANDS,
  STATISTICS_FIELDS,
  STATISTICS_MEASURES,
} from "../../format/statistics-values.ts";
import { popularityBands } from "../rows/popularity.ts";

/** The default answer of predict to a query. */
export interface DefaultAnswer {
  /** The best class, NO_CLASS if there is none. */
  readonly best: number;
  /** One number for each of STATISTICS_MEASURES. */
  readonly shown: readonly number[];
}

export const NO_CLASS = -1;

/** The band of a class whose popularity is not known: one that was added by changes. It is 0 in the tensor. */
export const NO_BAND = 255;

/** The measures of the popularity of classes. */
interface Popularity {
  readonly bias?: ArrayLike<number> | undefined;
  readonly counts?: ArrayLike<number> | undefined;
}

/** Returns the popularity band of each class, by counts or else by biases. Undefined without either. */
export function bandOfClasses({ bias, counts }: Popularity): Uint8Array | undefined {
  const popularity = counts ?? bias;
  return popularity && popularityBands(popularity).bandOf;
}

/** Describes the statistics that are measured beside a calibration. */
export const statisticsFacts = ({
  calibration,
  ...popularity
}: Popularity & { readonly calibration?: CalibrationFacts | undefined }): StatisticsFacts => {
  const { source, queryCount } = calibration as CalibrationFacts;
  const isKnown = (popularity.counts ?? popularity.bias) !== undefined;
  return { source, queryCount, popularity: isKnown ? "known" : "none" };
};

/** Packs the bands of classes as the tensor of the section has them, where bands count from 1. */
export function packedBands(bandOf: Uint8Array): Uint8Array<ArrayBuffer> {
  const packed = new Uint8Array(Math.ceil(bandOf.length / CLASSES_PER_BYTE));
  for (const [id, band] of bandOf.entries()) {
    const at = Math.floor(id / CLASSES_PER_BYTE);
    packed[at] = (packed[at] as number) | (((band + 1) & 3) << (2 * (id % CLASSES_PER_BYTE)));
  }
  return packed;
}

/**
 * Returns the tensor of the section: a summary of the answers of all queries, and by the bands of their best classes where
 * these are known.
 */
export function statisticsOf(
  answers: readonly DefaultAnswer[],
  bandOf: { readonly [id: number]: number } | undefined,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(STATISTICS_BANDS.length * STATISTICS_FIELDS);
  for (const band of STATISTICS_BANDS.keys()) {
    const own = answers.filter(({ best }) => band === 0 || bandOf?.[best] === band - 1);
    const row = values.subarray(band * STATISTICS_FIELDS, (band + 1) * STATISTICS_FIELDS);
    row[0] = own.length;
    for (const measure of STATISTICS_MEASURES.keys()) {
      row.set(meanAndDeviation(own.map(({ shown }) => shown[measure] as number)), 1 + 2 * measure);
    }
  }
  return values;
}

/** Returns the mean, and the standard deviation as that of a sample: 0 with fewer than two values. */
function meanAndDeviation(values: readonly number[]): [mean: number, deviation: number] {
  const mean = values.reduce((sum, value) => sum + value, 0) / (values.length || 1);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return [mean, Math.sqrt(squares / Math.max(1, values.length - 1))];
}

/** Returns the bands of `itemCount` classes. */
export const unpackedBands = (packed: Uint8Array, itemCount: number): Uint8Array =>
  Uint8Array.from({ length: itemCount }, (_, id) => bandIn(packed, id) - 1);
