import type { MeasureOrigin } from "../../format/compaction.ts";
import type { IndexFacts } from "../../format/facts.ts";
import { sectionCount } from "../../format/sections.ts";
import { type StatisticsFacts, statisticsSection } from "../../format/statistics.ts";
import { STATISTICS, STATISTICS_VERSION } from "../../format/statistics-values.ts";
import type { TensorName } from "../../format/tensor-spec.ts";
import { bandOfClasses, NO_BAND, packedBands, unpackedBands } from "../calibration/query-statistics.ts";
import type { BaseIndex } from "./base-index.ts";
import type { CompactedSection } from "./compacted-section.ts";
import type { ResolvedChanges } from "./resolved-changes.ts";

/** The statistics of a compacted index. */
export interface CompactedStatistics {
  /** The source of the statistics. "measured" ones are zeros until a calibration has asked its queries. */
  readonly origin: MeasureOrigin;
  /** Undefined if the new index has none. */
  readonly compacted?: CompactedSection;
}

const VALUES: TensorName = `${STATISTICS}.values`;
const BANDS: TensorName = `${STATISTICS}.bands`;

/**
 * Makes room for statistics of the queries that the new index is calibrated with, or carries those of the older index over.
 * Those of real queries are carried rather than measured with stand-ins, which are no measure of queries. Classes keep their
 * bands, and added ones have none.
 */
export function compactStatistics(
  base: BaseIndex,
  { oldIds }: ResolvedChanges,
  facts: IndexFacts,
  bias: Float32Array | undefined,
): CompactedStatistics {
  const older = olderFacts(base);
  const { calibration, compaction, itemCount } = facts;
  const measured = compaction?.calibration === "measured" ? calibration : undefined;
  const isMeasured = measured && (measured.source === "queries" || older?.source === "stand-ins");
  if (itemCount === 0 || !(isMeasured || older)) return { origin: "none" };
  const stored = base.bytes(BANDS);
  const bands =
    stored && older ? bandsOfNew(unpackedBands(stored, base.facts.itemCount), oldIds) : bandOfClasses({ bias });
  const { source, queryCount } = (isMeasured ? measured : older) as Pick<StatisticsFacts, "source" | "queryCount">;
  const own: StatisticsFacts = {
    source,
    queryCount,
    popularity: bands ? "known" : "none",
    ...(!isMeasured && { carried: "true" }),
  };
  const section = statisticsSection(own, facts, sectionCount(facts));
  const tensors = {
    ...(isMeasured && { [VALUES]: new Uint8Array(0) }),
    ...(bands && { [BANDS]: packedBands(bands) }),
  };
  return { origin: isMeasured ? "measured" : "carried", compacted: { section, tensors } };
}

/** Reads the facts about the statistics of the older index. Undefined if it has none that this program knows. */
function olderFacts({ facts }: BaseIndex): Pick<StatisticsFacts, "source" | "queryCount"> | undefined {
  const found = facts.ignored?.find(({ name, version }) => name === STATISTICS && version === STATISTICS_VERSION);
  if (!found) return undefined;
  const text = (name: string): string | undefined => found.texts[`${STATISTICS}.${name}`];
  return { source: text("source") as StatisticsFacts["source"], queryCount: Number(text("queryCount")) };
}

/** Returns the band of each class of the new index. Only classes of the file have an old id. */
const bandsOfNew = (bandOf: Uint8Array, oldIds: Int32Array): Uint8Array =>
  Uint8Array.from(oldIds, (id) => (id < 0 ? NO_BAND : (bandOf[id] as number)));
