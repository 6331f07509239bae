import { shown } from "../checks/check.ts";
import { MAX_ITEMS } from "../format/limits.ts";
import { STATISTICS_BANDS, STATISTICS_FIELDS } from "../format/statistics-values.ts";
import { arrayOf, fault, integerOf, numberOf, objectOf, onlyFields } from "./fields.ts";

/** The statistics of merged answers to real queries, with which gauges of drift compare. */
export interface MergedStatistics {
  /** The queries that were asked: those that were given, or those of "audits". */
  readonly source: "queries" | "audits";
  /** Their number. */
  readonly queryCount: number;
  /** True if they were asked of an older version, whose classes were others. */
  readonly carried?: true;
  /** The figures of all queries. If the parts know the popularity of their classes, those of each band follow. */
  readonly bands: readonly BandStatistics[];
}

/** The figures of the queries whose best class is in one popularity band. */
export interface BandStatistics {
  /** The name of the band, "all" for all queries. */
  readonly band: (typeof STATISTICS_BANDS)[number];
  /** The number of these queries. */
  readonly queryCount: number;
  /** The estimate of log Z. */
  readonly logPartition: Moments;
  /** The effective sample size per draw. */
  readonly essShare: Moments;
  /** The share of the head in the estimate of Z. */
  readonly headShare: Moments;
}

/** Mean and standard deviation. */
interface Moments {
  /** The mean over the queries, 0 without any. */
  readonly mean: number;
  /** The standard deviation of a sample, 0 with fewer than two queries. */
  readonly deviation: number;
}

const SOURCES = ["queries", "audits"] as const;
/** The measures in the order of the values of a file (format/statistics-values.ts). */
const MEASURES = ["logPartition", "essShare", "headShare"] as const;
const LARGEST = 1e38;

/**
 * Makes the statistics of a manifest from values in the form of those of a file, f32 (4, 8). Undefined if one of them is not
 * finite, which JSON cannot say.
 */
export function mergedStatistics(
  basis: Pick<MergedStatistics, "source" | "queryCount">,
  values: Float32Array,
  knowsBands: boolean,
): MergedStatistics | undefined {
  if (!values.every((value) => Math.abs(value) <= LARGEST)) return undefined;
  const bands = STATISTICS_BANDS.slice(0, knowsBands ? STATISTICS_BANDS.length : 1).map((band, row): BandStatistics => {
    const [queryCount = 0, ...moments] = values.subarray(row * STATISTICS_FIELDS);
    const at = (measure: number): Moments => ({
      mean: moments[2 * measure] as number,
      deviation: moments[2 * measure + 1] as number,
    });
    return { band, queryCount, logPartition: at(0), essShare: at(1), headShare: at(2) };
  });
  return { ...basis, bands };
}

/** Returns statistics of an older version, marked as such. */
export const carriedStatistics = ({ source, queryCount, bands }: MergedStatistics): MergedStatistics => ({
  source,
  queryCount,
  carried: true,
  bands,
});

/** Returns the values in the form of those of a file: f32 (4, 8), with zeros for bands that are not known. */
export function statisticsValues({ bands }: MergedStatistics): Float32Array<ArrayBuffer> {
  const values = new Float32Array(STATISTICS_BANDS.length * STATISTICS_FIELDS);
  for (const [row, band] of bands.entries()) {
    const moments = MEASURES.flatMap((measure) => [band[measure].mean, band[measure].deviation]);
    values.set([band.queryCount, ...moments], row * STATISTICS_FIELDS);
  }
  return values;
}

/** Reads the statistics of a manifest. Undefined if it has none. */
export function statisticsOf(value: unknown): MergedStatistics | undefined {
  if (value === undefined) return undefined;
  const at = "statistics.";
  const known = ["source", "queryCount", "carried", "bands"];
  const { carried, ...fields } = onlyFields(objectOf(value, '"statistics"'), known, at, "manifest");
  const source = SOURCES.find((name) => name === fields.source);
  if (source === undefined) throw fault(`"${at}source" expected ${SOURCES.join(", ")}, got ${shown(fields.source)}`);
  if (carried !== undefined && carried !== true) throw fault(`"${at}carried" expected true, got ${shown(carried)}`);
  const bands = arrayOf(fields.bands, `${at}bands`, STATISTICS_BANDS.length);
  if (bands.length !== 1 && bands.length !== STATISTICS_BANDS.length) {
    throw fault(`"${at}bands" expected 1 or ${STATISTICS_BANDS.length}, got ${bands.length}`);
  }
  return {
    source,
    queryCount: integerOf(fields.queryCount, `${at}queryCount`, 1, MAX_ITEMS),
    ...(carried && { carried }),
    bands: bands.map((band, row) => bandOf(band, `${at}bands[${row}]`, row)),
  };
}

function bandOf(value: unknown, at: string, row: number): BandStatistics {
  const fields = onlyFields(objectOf(value, `"${at}"`), ["band", "queryCount", ...MEASURES], `${at}.`, "manifest");
  const band = STATISTICS_BANDS[row] as BandStatistics["band"];
  if (fields.band !== band) throw fault(`"${at}.band" expected "${band}", got ${shown(fields.band)}`);
  const momentsOf = (name: (typeof MEASURES)[number]): Moments => {
    const place = `${at}.${name}`;
    const read = onlyFields(objectOf(fields[name], `"${place}"`), ["mean", "deviation"], `${place}.`, "manifest");
    return {
      mean: numberOf(read.mean, `${place}.mean`, -LARGEST, LARGEST),
      deviation: numberOf(read.deviation, `${place}.deviation`, 0, LARGEST),
    };
  };
  return {
    band,
    queryCount: integerOf(fields.queryCount, `${at}.queryCount`, 0, MAX_ITEMS),
    logPartition: momentsOf("logPartition"),
    essShare: momentsOf("essShare"),
    headShare: momentsOf("headShare"),
  };
}
