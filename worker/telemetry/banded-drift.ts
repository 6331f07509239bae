import {
  DEFAULT_DRAWS,
  STATISTICS_BANDS,
  STATISTICS_FIELDS,
  STATISTICS_MEASURES,
  shownFigures,
} from "../../src/internal.ts";
import type { FullestOf, GaugeWriter, ShownAnswer } from "../host/drift-watch.ts";
import type { BuildStatistics, ServedIndex } from "../host/served-index.ts";
import { buildStatistics } from "./build-statistics.ts";
import { Drift } from "./drift.ts";
import type { Labels } from "./prometheus.ts";
import { dueBy, dueWithChanges, UPKEEP, type Upkeep } from "./upkeep.ts";
import { VersionDrift, type WatchedVersion } from "./version-drift.ts";

/**
 * The default values of the options that effective sample size and head depend on. A call with a `scan`, whatever its number, is
 * tried once, and the build's answers were tried again where they were flagged.
 */
const EFFORT: Readonly<Record<string, unknown>> = {
  exact: false,
  proposal: "buckets",
  scan: undefined,
  draws: DEFAULT_DRAWS,
  tolerance: undefined,
};

/** An index whose answers are watched. */
type WatchedIndex = Pick<ServedIndex, "statistics">;

/** The drift of one measure for the queries of one band. */
interface BandDrift {
  readonly band: string;
  readonly measure: string;
  readonly drift: number;
  /** Its standard error: that of both means, and of the deviation of the build, which is uncertain if there were few queries. */
  readonly error: number;
}

/**
 * The drift of log Z, of the worth of a draw and of the share of the head, for all queries and by the popularity of their best
 * class. Services whose size is not limited watch all of these, and report the upkeep that is due.
 */
export class BandedDrift extends VersionDrift {
  /** The drift of each measure for each band. None without statistics of real queries. */
  readonly #bands: readonly (readonly Drift[])[];
  readonly #statistics: BuildStatistics | undefined;
  /** Metrics outlive a version, and must not keep its memory. */
  readonly #index: WeakRef<WatchedIndex>;
  readonly #fullestOf: FullestOf | undefined;

  constructor(
    served: WatchedVersion & { readonly index: WatchedIndex; readonly lasting?: WatchedIndex },
    fullestOf?: FullestOf,
  ) {
    super(served);
    const index = served.lasting ?? served.index;
    const statistics = buildStatistics(index);
    this.#index = new WeakRef(index);
    this.#fullestOf = fullestOf;
    this.#statistics = statistics;
    this.#bands = statistics ? driftsFrom(statistics.values) : [];
    if (index.statistics) this.logPartition = driftsFrom(index.statistics.values)[0]?.[0] as Drift;
  }

  override observe(answer: ShownAnswer, options: Readonly<Record<string, unknown>>): void {
    super.observe(answer, options);
    const { logPartition, effectiveSampleSize = 0, headShare = 0, ids = [], decided, choice } = answer;
    if (logPartition === undefined || !Number.isFinite(logPartition)) return;
    const isDefault = decided === undefined && hasDefaultEffort(options);
    const shown = isDefault ? shownFigures(logPartition, effectiveSampleSize, headShare, choice) : [logPartition];
    const band = this.#statistics?.bandOf(ids[0] ?? -1) ?? 0;
    for (const row of band > 0 ? [0, band] : [0]) {
      for (const [column, value] of shown.entries()) this.#bands[row]?.[column]?.observe(value);
    }
  }

  /** The drift of the measures that were compared. */
  get seen(): BandDrift[] {
    return this.#bands.flatMap((drifts, row) =>
      drifts.flatMap(({ value, error, queries }, column): BandDrift[] => {
        if (value === undefined) return [];
        const [band, measure] = [STATISTICS_BANDS[row] as string, STATISTICS_MEASURES[column] as string];
        // As for values that are normally distributed.
        return [{ band, measure, drift: value, error: Math.hypot(error, value / Math.sqrt(2 * queries)) }];
      }),
    );
  }

  /** The upkeep that is due by the answers to all queries. Undefined without statistics of real queries. */
  get due(): Upkeep | undefined {
    return this.#bands[0] && dueBy(this.#bands[0]);
  }

  addTo(out: GaugeWriter): void {
    const { version } = this;
    const index = this.#index.deref();
    const fullest = index && this.#fullestOf?.(index);
    const due = dueWithChanges(this.due, fullest);
    const byBand = (of: "drift" | "error"): [Labels, number][] =>
      this.seen.map(({ band, measure, ...figures }) => [{ version, band, measure }, figures[of]]);
    out.gauge(
      "midx_drift",
      "Recent mean minus that of the build's queries, in their standard deviations.",
      byBand("drift"),
    );
    out.gauge("midx_drift_error", "Standard error of midx_drift.", byBand("error"));
    const dues = UPKEEP.map((name): [Labels, number] => [{ version, due: name }, Number(name === due)]);
    out.gauge("midx_upkeep_due", "1 for what is due.", due === undefined ? [] : dues);
    const filled = fullest ? fullest.rowCount / fullest.maxDelta : 0;
    out.gauge(
      "midx_delta_filled",
      "Share of the room for changes that is filled.",
      fullest ? [[{ version }, filled]] : [],
    );
  }
}

const hasDefaultEffort = (options: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(EFFORT).every(([name, usual]) => (options[name] ?? usual) === usual);

/**
 * Makes the drifts from the tensor of the section: a row for each band, with a column for each measure. A band that no query of the
 * build was in has none, because there is nothing to compare with.
 */
const driftsFrom = (values: Float32Array): Drift[][] =>
  STATISTICS_BANDS.map((_, row) => {
    const [queries, ...moments] = values.subarray(row * STATISTICS_FIELDS);
    if (row > 0 && queries === 0) return [];
    return STATISTICS_MEASURES.map((_, column) => new Drift(queries, moments[2 * column], moments[2 * column + 1]));
  });
