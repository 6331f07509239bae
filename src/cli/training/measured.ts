import type { Trained } from "../../train/model/epochs.ts";
import type { Metrics } from "../../train/model/metrics.ts";
import { spacedRows } from "../../train/model/order.ts";
import { type Asked, BASELINES, type Baseline, baselineRanksIn, lastAsked } from "../../train/sequences/baselines.ts";
import type { Sequences } from "../../train/sequences/sequences.ts";
import { evaluateSequences } from "../../train/sequences/sequences-inlined.ts";
import { unknownFacts } from "./held-out.ts";
import type { Found } from "./names.ts";

const K = 10;
const MOST_SEQUENCES = 2000;

type Ranks = Pick<Metrics, "recall" | "ndcg">;

/** The ranks without a model, by how often items occur. The ranks of `unseen` are without the items that a sequence has already. */
interface MeasuredBaseline extends Ranks {
  readonly name: Baseline;
  readonly unseen: Ranks;
}

/** The measurements of a model on held-out sequences. A text has the first only: it repeats its words, and no item is recommended. */
export interface Measured {
  readonly metrics: Metrics;
  /** The metrics without the items that a sequence has already. */
  readonly unseen?: Metrics;
  readonly baselines?: readonly MeasuredBaseline[];
}

/** The sequences that a model is measured on, and how. */
export interface Measurement {
  /** The sequences that the model learned from. */
  readonly learned: Sequences;
  readonly heldOut: Sequences;
  readonly length: number | undefined;
  readonly carry: boolean;
}

/** Measures a model, and what is found without one, on the same held-out sequences. */
export async function measure(model: Trained["model"], of: Measurement): Promise<Measured> {
  const { learned, heldOut, length, carry } = of;
  const common = { k: K, carry, ...(length !== undefined && { length }) };
  if (carry) return { metrics: await evaluateSequences(model, heldOut, common) };
  const limited = { ...common, limit: MOST_SEQUENCES };
  const all = lastAsked(heldOut);
  const asked = Array.from(spacedRows(all.length, MOST_SEQUENCES), (row) => all[row] as Asked);
  const ranksOf = baselineRanksIn(learned);
  const [seen, unseen] = [ranksOf(asked, false), ranksOf(asked, true)];
  return {
    metrics: await evaluateSequences(model, heldOut, limited),
    unseen: await evaluateSequences(model, heldOut, { ...limited, withoutSeen: true }),
    baselines: BASELINES.map((name) => ({ name, ...meansOf(seen[name]), unseen: meansOf(unseen[name]) })),
  };
}

function meansOf(ranks: readonly number[]): Ranks {
  const found = ranks.filter((rank) => rank < K);
  return {
    recall: found.length / ranks.length,
    ndcg: found.reduce((sum, rank) => sum + 1 / Math.log2(rank + 2), 0) / ranks.length,
  };
}

/** The lines of a report about the measurements, in which the figures of the model have those without a model beside them. */
export function measuredFacts(
  { metrics, unseen, baselines = [] }: Measured,
  found: Found | undefined,
): (readonly [string, string])[] {
  const beside = (of: (baseline: MeasuredBaseline) => number): string => {
    const figures = baselines.map((baseline) => `${baseline.name} ${of(baseline).toFixed(4)}`);
    return figures.length > 0 ? ` (${figures.join(", ")})` : "";
  };
  return [
    ["held out", `${metrics.rowCount} positions`],
    ...unknownFacts(found),
    ["perplexity", metrics.perplexity.toFixed(2)],
    [`recall@${K}`, metrics.recall.toFixed(4) + beside(({ recall }) => recall)],
    [`NDCG@${K}`, metrics.ndcg.toFixed(4) + beside(({ ndcg }) => ndcg)],
    ...(unseen
      ? ([
          [`recall@${K} of unseen items`, unseen.recall.toFixed(4) + beside(({ unseen }) => unseen.recall)],
          [`NDCG@${K} of unseen items`, unseen.ndcg.toFixed(4) + beside(({ unseen }) => unseen.ndcg)],
        ] as const)
      : []),
  ];
}
