import type { Proposal } from "../../answers/options.ts";
import { checkIndex } from "../../checks/check-index.ts";
import { functionOptions, type Names } from "../../checks/function-options.ts";
import { mean, quantile } from "../arithmetic/averages.ts";
import { type Logarithms, logSumExp } from "../arithmetic/logarithms.ts";
import { checkFloats, checkQueries, checkVector } from "../rows/matrix.ts";
import { popularityBands } from "../rows/popularity.ts";
import { startYielding } from "../runtime/event-loop.ts";
import { allClasses, byId } from "./all-classes.ts";
import { type BandMasses, bandMasses, summariseBands } from "./band-masses.ts";
import { Calibration } from "./calibration.ts";
import { compareAnswers, type IndexAnswers } from "./compare-answers.ts";
import { type Divergence, divergenceOf } from "./divergence.ts";
import { effortOf, proposalOf } from "./effort.ts";
import type { EvaluatedIndex } from "./evaluated-index.ts";
import type { Evaluation, ProposalQuality, RecallAt } from "./evaluation.ts";
import { summariseErrors } from "./log-partition-errors.ts";
import { staticProposals } from "./static-proposals.ts";

/** Options of `evaluate`. */
export interface EvaluateOptions {
  /** The proposal of predict and logQ: "buckets", or "codes" for an index with fine codes. Default "buckets". */
  readonly proposal?: Proposal;
  /** Head budget of the proposal, and of topK where the index has no fine codes. Default 1,024. */
  readonly scan?: number;
  /** The option `recall` of topK. Default: the defaults of topK. */
  readonly recall?: number | undefined;
  /** Draws of predict. Default 100. */
  readonly draws?: number;
  /** Seed of all random numbers. Default 0. */
  readonly seed?: number | bigint;
  /** Popularity of the classes: N counts ≥ 0. Default: the biases of the index, if it has any. */
  readonly counts?: ArrayLike<number> | undefined;
  /** Called after each query with the number of queries that are done. Default: nothing is called. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Aborts the evaluation, which then rejects with the reason of the signal. Default: none. */
  readonly signal?: AbortSignal;
}

const EVALUATE_OPTIONS: Names<EvaluateOptions> = {
  proposal: true,
  scan: true,
  recall: true,
  draws: true,
  seed: true,
  counts: true,
  onProgress: true,
  signal: true,
};

/** Checks for an index with a class, and for a query. Returns the facts of the index. */
export function checkEvaluated(index: EvaluatedIndex, queries: Float32Array): EvaluatedIndex["info"] {
  const info = checkIndex(index);
  checkFloats("queries", queries);
  checkQueries(queries, info.dim);
  if (queries.length === 0) throw new RangeError('"queries" expected at least one, got none');
  if (info.itemCount === 0) throw new RangeError('"index" expected at least one class, got none');
  return info;
}

/** Evaluates an index with the given exponential and logarithm. `evaluate` describes the rest. */
export async function evaluateWith(
  logarithms: Logarithms,
  index: EvaluatedIndex,
  queries: Float32Array,
  rawOptions: EvaluateOptions = {},
): Promise<Evaluation> {
  const options = functionOptions("evaluate", EVALUATE_OPTIONS, rawOptions);
  const { itemCount, dim } = checkEvaluated(index, queries);
  const counts = checkVector("counts", options.counts, itemCount, 0);
  const effort = effortOf(options);
  const ids = allClasses(index);
  // The score of a zero query is the bias.
  const biases = index.info.hasBias ? byId(ids, await index.score(new Float32Array(dim), ids)) : undefined;
  const popularity = counts ?? biases;
  const bands = popularity && popularityBands(popularity);
  const others = staticProposals(logarithms, itemCount, { counts, biases });
  const calibration = new Calibration();
  const yieldIfDue = startYielding(options.signal);
  const total = queries.length / dim;

  const measured: QueryEvaluation[] = [];
  for (let row = 0; row < total; row++) {
    const query = queries.subarray(row * dim, (row + 1) * dim);
    const scores = byId(ids, await index.score(query, ids));
    const logZ = logSumExp(logarithms, scores);
    const logP = Float64Array.from(scores);
    for (let id = 0; id < itemCount; id++) logP[id] = (logP[id] as number) - logZ; // a callback takes twenty times as long
    const logQ = byId(ids, await index.logQ(query, ids, proposalOf(effort)));
    measured.push({
      ...(await compareAnswers(logarithms, index, query, effort, { scores, logZ, logP }, calibration)),
      divergences: [logQ, ...others.map((other) => other.logQ)].map((q) => divergenceOf(logarithms, logP, q)),
      bands: bands && bandMasses(logarithms, logP, logQ, bands),
    });
    options.onProgress?.(row + 1, total);
    await yieldIfDue();
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

/** The evaluation of one query. */
interface QueryEvaluation extends IndexAnswers {
  /** The divergence of the index's proposal, then those of the others. */
  readonly divergences: readonly Divergence[];
  readonly bands: readonly BandMasses[] | undefined;
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
  const chosen = measured.map(({ divergences }) => divergences[which] as Divergence);
  const chiSquares = Float64Array.from(chosen, ({ chiSquare }) => chiSquare);
  return {
    name,
    klDivergence: mean(Float64Array.from(chosen, ({ kl }) => kl)),
    totalVariation: mean(Float64Array.from(chosen, ({ variation }) => variation)),
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
