import { checkSeed } from "../../check.ts";
import type { MultiIndex } from "../../multi-index.ts";
import { DEFAULT_DRAWS, DEFAULT_SCAN, type TopOptions } from "../../options.ts";
import { mean, quantile } from "../averages.ts";
import { checkQueries, checkVector } from "../build-input.ts";
import { bestIds, type Logarithms, logSumExp } from "../every-class.ts";
import { startPace } from "../pace.ts";
import { type BandMasses, bandMasses, summariseBands } from "./band-masses.ts";
import { Calibration } from "./calibration.ts";
import { type Divergence, divergenceOf } from "./divergence.ts";
import type { EvaluatedEffort, Evaluation, ProposalQuality, RecallAt } from "./evaluation.ts";
import { type LogPartitionError, summariseErrors } from "./log-partition-errors.ts";
import { popularityBands } from "./popularity.ts";
import { staticProposals } from "./static-proposals.ts";

export interface EvaluateOptions {
  /** Head budget of predict, of the proposal, and of topK where the index has no fine codes. Default 1,024. */
  readonly scan?: number;
  /** Head and tail by fine codes, as in predict. */
  readonly rescore?: number | undefined;
  /** What topK is asked for; needs fine codes. */
  readonly recall?: number | undefined;
  /** Default 100. */
  readonly draws?: number;
  /** Default 0. */
  readonly seed?: number | bigint;
  /** N class counts ≥ 0: how popular each is. Default: the index's biases say it. */
  readonly counts?: ArrayLike<number> | undefined;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

const KS = [1, 10, 100];
/** Classes whose probabilities are looked at. */
const PREDICTED = 100;
const JUDGED = 10;
/** Multiply-adds that take the time of what is summed up of a class. */
const WORK_PER_CLASS = 2000;

/**
 * Compares the answers of `index` with every class enumerated, on each of `queries`, f32 (n, dim); O(N·D) a query. The same
 * index, queries, options and seed give the same numbers.
 *
 * TypeError and RangeError name the argument; the signal's reason once it is aborted.
 */
export async function evaluateWith(
  logarithms: Logarithms,
  index: MultiIndex,
  queries: Float32Array,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const { itemCount, dim } = index.info;
  checkQueries(queries, dim);
  if (queries.length === 0) throw new RangeError('"queries" expected at least one, got none');
  if (itemCount === 0) throw new RangeError('"index" expected at least one class, got none');
  const counts = checkVector("counts", options.counts, itemCount, 0);
  const effort = effortOf(options);
  const ids = Int32Array.from({ length: itemCount }, (_, id) => id);
  // What is left of a score without a query.
  const biases = index.info.hasBias ? index.score(new Float32Array(dim), ids) : undefined;
  const popularity = counts ?? biases;
  const bands = popularity && popularityBands(popularity);
  const others = staticProposals(logarithms, itemCount, { counts, biases });
  const calibration = new Calibration();
  const pace = startPace(options.signal);
  const total = queries.length / dim;

  const measured: QueryEvaluation[] = [];
  for (let row = 0; row < total; row++) {
    const query = queries.subarray(row * dim, (row + 1) * dim);
    const scores = index.score(query, ids);
    const logZ = logSumExp(scores, logarithms);
    const logP = Float64Array.from(scores, (score) => score - logZ);
    const logQ = index.logQ(query, ids, proposalOf(effort));
    measured.push({
      ...askIndex(logarithms, index, query, effort, { scores, logZ, logP }, calibration),
      divergences: [logQ, ...others.map((other) => other.logQ)].map((q) => divergenceOf(logarithms, logP, q)),
      bands: bands && bandMasses(logarithms, logP, logQ, bands),
    });
    options.onProgress?.(row + 1, total);
    await pace(itemCount * WORK_PER_CLASS);
  }
  const names = ["midx", ...others.map(({ name }) => name)] as const;
  return {
    queryCount: total,
    effort,
    recall: recallOf(measured),
    proposals: names.map((name, i) => summariseProposal(name, measured, i, effort.draws)),
    logPartition: summariseErrors(measured.map(({ answer }) => answer)),
    probabilityErrorP90: quantile(
      Float64Array.from(measured.flatMap(({ probabilityErrors }) => probabilityErrors)),
      0.9,
    ),
    calibration: calibration.bands(),
    popularity: counts ? "counts" : biases ? "bias" : "none",
    bands: bands ? summariseBands(bands, measured.map(bandsOf), effort.draws) : [],
  };
}

/** Of one query. */
interface QueryEvaluation {
  /** How many of the k best classes the calls have: whole numbers, so that their mean is one rounding off. */
  readonly found: readonly RecallAt[];
  readonly answer: LogPartitionError;
  /** |p̂ / p − 1| of the classes that predict has on top. */
  readonly probabilityErrors: readonly number[];
  /** Of the index's proposal, then of the others. */
  readonly divergences: readonly Divergence[];
  readonly bands: readonly BandMasses[] | undefined;
}

function effortOf({ scan = DEFAULT_SCAN, rescore, recall, draws = DEFAULT_DRAWS, seed = 0 }: EvaluateOptions) {
  return { scan, rescore, recall, draws, seed: checkSeed(seed) } satisfies EvaluatedEffort;
}

/** What predict and logQ are asked for. */
export const proposalOf = ({ scan, rescore }: EvaluatedEffort) => (rescore === undefined ? { scan } : { rescore });

/** What topK is asked for: its own default where there are fine codes. */
export function topOptionsOf({ scan, rescore, recall }: EvaluatedEffort, hasFineCodes: boolean): TopOptions {
  if (recall !== undefined) return { recall };
  if (rescore !== undefined) return { rescore };
  return hasFineCodes ? {} : { scan };
}

/** Every class of one query. */
interface Exact {
  readonly scores: Float32Array;
  readonly logZ: number;
  readonly logP: Float64Array;
}

function askIndex(
  { exp64 }: Logarithms,
  index: MultiIndex,
  query: Float32Array,
  effort: EvaluatedEffort,
  { scores, logZ, logP }: Exact,
  calibration: Calibration,
): Pick<QueryEvaluation, "found" | "answer" | "probabilityErrors"> {
  const { itemCount, hasFineCodes } = index.info;
  const { draws, seed } = effort;
  const best = bestIds(scores, Math.min(PREDICTED, itemCount));
  const top = topOptionsOf(effort, hasFineCodes);
  const predict = (k: number) => index.predict(query, k, { ...proposalOf(effort), draws, seed });
  const found = KS.filter((k) => k <= itemCount || k === 1).map((k) => ({
    k,
    topK: countFound(best, index.topK(query, k, top).ids, k),
    predict: countFound(best, predict(k).ids, k),
  }));
  const wide = predict(Math.min(PREDICTED, itemCount));
  for (const [i, id] of wide.ids.entries()) {
    calibration.add(wide.probabilities[i] as number, exp64(logP[id] as number));
  }
  const answer = predict(Math.min(JUDGED, itemCount));
  const { logPartition, standardError, lowEss, ids, probabilities } = answer;
  return {
    found,
    answer: { error: logPartition - logZ, standardError, lowEss },
    probabilityErrors: Array.from(ids, (id, i) =>
      Math.abs((probabilities[i] as number) * exp64(-(logP[id] as number)) - 1),
    ),
  };
}

function countFound(best: readonly number[], found: Int32Array, k: number): number {
  const among = new Set(found);
  return best.slice(0, k).filter((id) => among.has(id)).length;
}

function recallOf(measured: readonly QueryEvaluation[]): RecallAt[] {
  const first = measured[0] as QueryEvaluation;
  const share = (name: "topK" | "predict", i: number, k: number): number =>
    measured.reduce((sum, { found }) => sum + (found[i] as RecallAt)[name], 0) / (k * measured.length);
  return first.found.map(({ k }, i) => ({ k, topK: share("topK", i, k), predict: share("predict", i, k) }));
}

function summariseProposal(
  name: ProposalQuality["name"],
  measured: readonly QueryEvaluation[],
  which: number,
  draws: number,
): ProposalQuality {
  const own = measured.map(({ divergences }) => divergences[which] as Divergence);
  // Rounding can bring Σ P²/Q of Q = P below 1.
  const chiSquares = Float64Array.from(own, ({ weightSquares }) => Math.max(0, weightSquares - 1));
  return {
    name,
    klDivergence: mean(Float64Array.from(own, ({ kl }) => kl)),
    totalVariation: mean(Float64Array.from(own, ({ variation }) => variation)),
    effectiveSampleShare: quantile(
      chiSquares.map((chiSquare) => 1 / (1 + chiSquare)),
      0.5,
    ),
    partitionDeviation: quantile(
      chiSquares.map((chiSquare) => Math.sqrt(chiSquare / draws)),
      0.5,
    ),
  };
}

const bandsOf = ({ bands }: QueryEvaluation): readonly BandMasses[] => bands ?? [];
