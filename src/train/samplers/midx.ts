import { checkCount, checkOneOf } from "../../checks/check.ts";
import type { Names } from "../../checks/function-options.ts";
import { copyIds } from "../../index/copied-arguments.ts";
import { limitsOf } from "../../memory/load-options.ts";
import type { Limits } from "../../memory/plan.ts";
import { type Codes, planEncoding } from "../codes/encode.ts";
import { renumberSecond } from "../codes/renumber.ts";
import { type Quantizer, trainQuantizer } from "../kmeans/quantizer.ts";
import { checkBits, defaultBits, type QuantizerKind } from "../kmeans/quantizer-options.ts";
import { pickRows } from "../random/pick-rows.ts";
import { checkQueries, checkVector } from "../rows/matrix.ts";
import { memoryTrainingRows } from "../rows/training-rows.ts";
import { drawTrainingSample, expectedSampleRows } from "../rows/training-sample.ts";
import { type Classes, checkClasses, checkDraw, dimOf, readExcluded } from "./classes.ts";
import { type LastProposal, rememberLast } from "./last-proposal.ts";
import { bucketProposal } from "./midx/bucket-proposal.ts";
import { lossOfSampleSize, residualEnergy } from "./midx/drift.ts";
import { fitCodewords } from "./midx/fit-codewords.ts";
import { headProposal } from "./midx/head-proposal.ts";
import type { Proposal, QuantizedClasses, QueryProposal } from "./midx/proposal.ts";
import { keepRecent } from "./midx/recent-queries.ts";
import { warmCodebooks } from "./midx/warm-codebooks.ts";
import type { RefreshReport, Sampler } from "./sampler.ts";
import type { SamplerTools } from "./tools.ts";

export interface MidxOptions {
  /** Default "rq". */
  readonly quantizer?: QuantizerKind;
  /** log₂ of the codewords per codebook. Default ⌊log₂ N / 2⌋, at most 8. */
  readonly bits?: number;
  /** Classes of the best buckets that are scored exactly for each query: a head. Default 0: plain MIDX. */
  readonly scan?: number;
  /** Most draws a call. Default 4,096. */
  readonly maxDraws?: number;
  /** Growth of the residual energy, or of 1 + χ², from which `refresh` gives classes new codewords. Default 1.1. */
  readonly reassignAt?: number;
  /** The same, from which `refresh` learns codebooks anew from those there are. Default 1.5. */
  readonly rebuildAt?: number;
  /**
   * Moves the codewords nearer to the softmax of queries, when it is made and whenever `refresh` learns codebooks anew: draws
   * take the same time and are worth more. Default: codebooks are k-means' own.
   */
  readonly fit?: SamplerFit;
  /** Of the build and the fit. Default 0. */
  readonly seed?: bigint;
}

/** With the head of `scan` where there is one: what is made better is the proposal that draws. */
export interface SamplerFit {
  /** f32 (n, dim): what to fit to when the sampler is made. Default: none. */
  readonly queries?: Float32Array;
  /** How many of the last queries that were drawn for `refresh` fits to, O(N · dim) each. Default 256. */
  readonly kept?: number;
}

export const MIDX_OPTIONS: Names<MidxOptions> = {
  ...{
    quantizer: true,
    bits: true,
    scan: true,
    maxDraws: true,
    reassignAt: true,
    rebuildAt: true,
    fit: true,
    seed: true,
  },
};

export const SAMPLER_FIT: Names<SamplerFit> = { queries: true, kept: true };

const DEFAULT_KEPT = 256;
const MOST_KEPT = 2 ** 16;

/** Queries that `refresh` measures the effective sample size with: the last that were drawn for. */
const MEASURED_QUERIES = 4;

const NONE: ReadonlySet<number> = new Set();

/** Residual energies are compared on top of this much: what is less matters to no draw. */
const NEGLIGIBLE_ENERGY = 0.01;

/** The proposal in use, and what it was made of. */
interface Held extends QuantizedClasses {
  /** Of a query. Between a draw and the log Q of a loss's positives it stays. */
  readonly proposal: LastProposal<QueryProposal>;
  /** Residual energy of the rows. */
  readonly energy: number;
}

/**
 * MIDX: the draws of `MultiIndex.sample`, unscored, by codebooks that it learns of the rows, with k-means weighted by the
 * counts.
 *
 * `refresh` measures how far rows have moved from their codewords and what that costs in effective sample size (of the
 * last few queries, O(N · dim) each). Where either has grown enough, classes get their nearest codewords, O(N · K · dim);
 * where it has grown more, codebooks are learned first by a few passes that begin with the old ones. In between, the
 * proposal stays as it is, and log Q is exact for that.
 */
export async function midxSampler(tools: SamplerTools, classes: Classes, options: MidxOptions = {}): Promise<Sampler> {
  const { train } = tools;
  const itemCount = classes.biases.length;
  const dim = dimOf(classes);
  const { quantizer: kind = "rq", bits = defaultBits(itemCount), scan = 0, seed = 0n, maxDraws = 4096, fit } = options;
  const { reassignAt = 1.1, rebuildAt = 1.5 } = options;
  checkOneOf("quantizer", kind, ["rq", "pq"]);
  checkBits(bits);
  const counts = checkVector("counts", classes.counts, itemCount, 0);
  const limits = limitsOf({ maxDraws, maxScan: Math.max(1, scan), maxBatch: 1, maxK: 1 });
  const proposalFor = await proposals(tools, scan, limits);
  const ids = Int32Array.from({ length: itemCount }, (_, id) => id);

  const nearest = (quantizer: Quantizer, rows: Float32Array): Codes => {
    const codes = { codes1: new Uint16Array(itemCount), codes2: new Uint16Array(itemCount) };
    planEncoding(train, quantizer)(rows, codes);
    return codes;
  };

  const hold = ({ quantizer: found, codes, rows, biases }: QuantizedClasses): Held => {
    const quantizer = renumberSecond(found, codes);
    const quantized = { quantizer, codes, rows: rows.slice(), biases: biases.slice() };
    return {
      ...quantized,
      proposal: rememberLast(proposalFor(quantized)),
      energy: residualEnergy(quantizer, codes, rows),
    };
  };

  const fitted = (given: QuantizedClasses, queries: readonly Float32Array[]): Quantizer =>
    fitCodewords(train, given, queries, { scan, seed });

  const sample = drawTrainingSample(itemCount, counts?.map(Math.sqrt), expectedSampleRows(bits), seed);
  const training = memoryTrainingRows(sample.ids.length, dim, pickRows(classes.rows, dim, sample.ids));
  const learned = await trainQuantizer(train, training, sample.weights, { kind, bits, seed });
  const unfitted = { ...classes, quantizer: learned, codes: nearest(learned, classes.rows) };
  const given = queriesOf(fit, dim);
  let held = hold(given.length > 0 ? { ...unfitted, quantizer: fitted(unfitted, given) } : unfitted);
  let energyWhenBuilt = held.energy;
  const recent = keepRecent(Math.max(MEASURED_QUERIES, fit ? checkKept(fit.kept ?? DEFAULT_KEPT) : 0));

  /** What is in use from now on; says how many classes have another codeword than before. */
  const put = (next: QuantizedClasses): number => {
    const moved = movedBetween(held.codes, next.codes);
    held = hold(next);
    return moved;
  };

  const lossOf = (rows: Float32Array, biases: Float32Array): number => {
    const { proposal, ...made } = held;
    const logQ = (query: Float32Array): Float64Array => proposal.of(query, NONE).logQ(ids);
    return lossOfSampleSize(train, { ...made, logQ }, recent.last(MEASURED_QUERIES), rows, biases);
  };

  return {
    name: "midx",
    adaptive: true,
    draw(query, count, excluded, drawSeed) {
      checkDraw(query, dim, count);
      const out = readExcluded(excluded, itemCount);
      recent.add(query);
      return held.proposal.of(query, out).draw(count, drawSeed);
    },
    logQ(query, of, excluded) {
      checkDraw(query, dim, of.length);
      const asked = copyIds("ids", of, itemCount);
      return held.proposal.of(query, readExcluded(excluded, itemCount)).logQ(asked);
    },
    refresh(rows, biases): RefreshReport {
      const start = performance.now();
      const report = (kindOf: RefreshReport["kind"], moved: number): RefreshReport => ({
        kind: kindOf,
        moved,
        seconds: (performance.now() - start) / 1000,
      });
      checkClasses(rows, biases, itemCount, dim);
      const energy = residualEnergy(held.quantizer, held.codes, rows);
      const grown = growth(energyWhenBuilt, energy);
      const lost = grown < rebuildAt ? lossOf(rows, biases) : 1;
      if (Math.max(lost, grown) >= rebuildAt) {
        const quantizer = warmCodebooks(train, held.quantizer, rows, sample);
        const next = { quantizer, codes: nearest(quantizer, rows), rows, biases };
        const moved = put(fit ? { ...next, quantizer: fitted(next, recent.last(Infinity)) } : next);
        energyWhenBuilt = held.energy;
        return report("rebuilt", moved);
      }
      if (Math.max(lost, growth(held.energy, energy)) < reassignAt) return report("none", 0);
      return report("reassigned", put({ ...held, codes: nearest(held.quantizer, rows), rows, biases }));
    },
  };
}

/** Makes the proposal of classes, in place of the one before. */
async function proposals(
  tools: SamplerTools,
  scan: number,
  limits: Limits,
): Promise<(classes: QuantizedClasses) => Proposal> {
  if (scan > 0) {
    const found = { modules: await tools.modules(), checksum: tools.checksum };
    return (classes) => headProposal(found, classes, scan, limits);
  }
  const kernels = tools.another();
  return (classes) => bucketProposal(kernels, classes, limits.maxDraws);
}

function checkKept(kept: number): number {
  checkCount("fit.kept", kept, MOST_KEPT, "the limit");
  return kept;
}

/** Of a fit, one by one. */
function queriesOf(fit: SamplerFit | undefined, dim: number): Float32Array[] {
  const queries = fit?.queries ?? new Float32Array(0);
  checkQueries(queries, dim);
  return Array.from({ length: queries.length / dim }, (_, q) => queries.subarray(q * dim, (q + 1) * dim));
}

const growth = (before: number, now: number): number => (now + NEGLIGIBLE_ENERGY) / (before + NEGLIGIBLE_ENERGY);

function movedBetween(before: Codes, after: Codes): number {
  let moved = 0;
  for (let id = 0; id < before.codes1.length; id++) {
    if (before.codes1[id] !== after.codes1[id] || before.codes2[id] !== after.codes2[id]) moved++;
  }
  return moved;
}
