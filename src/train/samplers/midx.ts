import { checkCount, checkIds } from "../../check.ts";
import { describe } from "../../describe.ts";
import { limitsOf } from "../../load-options.ts";
import { MultiIndex } from "../../multi-index.ts";
import { type OpenedIndex, openBytes, openIndex } from "../../opened-index.ts";
import { buildWith } from "../build.ts";
import { checkQueries, checkVector } from "../build-input.ts";
import type { Codes } from "../encode.ts";
import { planEncoding } from "../encode.ts";
import type { Quantizer } from "../quantizer.ts";
import type { QuantizerKind } from "../quantizer-options.ts";
import { renumberSecond } from "../renumber.ts";
import { drawTrainingSample, expectedSampleRows } from "../training-sample.ts";
import { type Classes, checkClasses, checkDraw, dimOf, readExcluded } from "./classes.ts";
import { rememberLast } from "./last-proposal.ts";
import { codesOf, quantizerOf } from "./midx/coded-index.ts";
import { proposeBy } from "./midx/draw.ts";
import { lossOfSampleSize, residualEnergy } from "./midx/drift.ts";
import { fitCodewords } from "./midx/fit-codewords.ts";
import { indexBytes } from "./midx/index-bytes.ts";
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

const DEFAULT_KEPT = 256;
const MOST_KEPT = 2 ** 16;

/** Queries that `refresh` measures the effective sample size with: the last that were drawn for. */
const MEASURED_QUERIES = 4;

/** Residual energies are compared on top of this much: what is less matters to no draw. */
const NEGLIGIBLE_ENERGY = 0.01;

/** The index in use, and what it was made of. */
interface Held {
  readonly opened: OpenedIndex;
  readonly index: MultiIndex;
  readonly quantizer: Quantizer;
  readonly codes: Codes;
  /** Residual energy of the rows it was made of. */
  readonly energy: number;
}

/**
 * MIDX: the draws of `MultiIndex.sample`, unscored, from an index that it builds of the rows, with k-means weighted by the counts.
 *
 * `refresh` measures how far rows have moved from their codewords and what that costs in effective sample size (of the
 * last few queries, O(N · dim) each). Where either has grown enough, classes get their nearest codewords, O(N · K · dim);
 * where it has grown more, codebooks are learned first by a few passes that begin with the old ones. In between, the index
 * stays as it is, and log Q is exact for that.
 */
export async function midxSampler(tools: SamplerTools, classes: Classes, options: MidxOptions = {}): Promise<Sampler> {
  const { train, checksum, modules } = tools;
  const itemCount = classes.biases.length;
  const dim = dimOf(classes);
  const { quantizer: kind = "rq", bits, scan = 0, seed = 0n, maxDraws = 4096, fit } = options;
  const { reassignAt = 1.1, rebuildAt = 1.5 } = options;
  const counts = checkVector("counts", classes.counts, itemCount, 0);
  const limits = limitsOf({ maxDraws, maxScan: Math.max(1, scan), maxBatch: 1, maxK: 1 });
  const hold = (opened: OpenedIndex, quantizer: Quantizer, codes: Codes, rows: Float32Array): Held => ({
    opened,
    index: new MultiIndex(opened, describe(opened), limits),
    quantizer,
    codes,
    energy: residualEnergy(quantizer, codes, rows),
  });

  const file = await buildWith(
    train,
    checksum,
    { data: classes.rows, shape: [itemCount, dim] },
    {
      ...{ quantizer: kind, rows: "f32", bias: classes.biases, seed },
      ...(bits !== undefined && { bits }),
      ...(counts && { counts }),
    },
  );
  const built = await openIndex(modules, file, limits);
  let held = hold(built, quantizerOf(built), codesOf(built), classes.rows);
  let energyWhenBuilt = held.energy;
  const recent = keepRecent(Math.max(MEASURED_QUERIES, fit ? checkKept(fit.kept ?? DEFAULT_KEPT) : 0));

  const nearest = (quantizer: Quantizer, rows: Float32Array): Codes => {
    const codes = { codes1: new Uint16Array(itemCount), codes2: new Uint16Array(itemCount) };
    planEncoding(train, quantizer)(rows, codes);
    return codes;
  };

  /** Other codewords for moved rows, or the same; says how many classes have another than before. */
  const put = (quantizer: Quantizer, codes: Codes, rows: Float32Array, biases: Float32Array): number => {
    const moved = movedBetween(held.codes, codes);
    const renumbered = renumberSecond(quantizer, codes);
    const { facts } = held.opened.header;
    const bytes = indexBytes(checksum, facts, renumbered, codes, rows, biases);
    const opened = openBytes(modules, bytes, limits, held.index.info.contentId);
    held.index.dispose();
    held = hold(opened, renumbered, codes, rows);
    return moved;
  };

  const fitTo = (
    queries: readonly Float32Array[],
    quantizer: Quantizer,
    codes: Codes,
    rows: Float32Array,
    biases: Float32Array,
  ): Quantizer => fitCodewords(train, { rows, biases, quantizer, codes }, queries, { scan, seed });

  const given = queriesOf(fit, dim);
  if (given.length > 0) {
    const { quantizer, codes } = held;
    put(fitTo(given, quantizer, codes, classes.rows, classes.biases), codes, classes.rows, classes.biases);
    energyWhenBuilt = held.energy;
  }

  const proposal = rememberLast((query, out) => proposeBy(held.opened, { scan, maxDraws }, query, out));

  return {
    name: "midx",
    adaptive: true,
    draw(query, count, excluded, drawSeed) {
      checkDraw(query, dim, count);
      const out = readExcluded(excluded, itemCount);
      recent.add(query);
      return proposal.of(query, out).draw(count, drawSeed);
    },
    logQ(query, ids, excluded) {
      checkDraw(query, dim, ids.length);
      checkIds("ids", ids, itemCount);
      return proposal.of(query, readExcluded(excluded, itemCount)).logQ(ids);
    },
    refresh(rows, biases): RefreshReport {
      const start = performance.now();
      proposal.forget();
      const report = (kindOf: RefreshReport["kind"], moved: number): RefreshReport => ({
        kind: kindOf,
        moved,
        seconds: (performance.now() - start) / 1000,
      });
      checkClasses(rows, biases, itemCount, dim);
      const energy = residualEnergy(held.quantizer, held.codes, rows);
      const grown = growth(energyWhenBuilt, energy);
      const lost =
        grown < rebuildAt ? lossOfSampleSize(train, held.index, scan, recent.last(MEASURED_QUERIES), rows, biases) : 1;
      if (Math.max(lost, grown) >= rebuildAt) {
        const { bits: bitsInUse } = held.opened.header.facts;
        const sample = drawTrainingSample(itemCount, counts?.map(Math.sqrt), expectedSampleRows(bitsInUse), seed);
        const learned = warmCodebooks(train, held.quantizer, rows, sample);
        const codes = nearest(learned, rows);
        const quantizer = fit ? fitTo(recent.last(Infinity), learned, codes, rows, biases) : learned;
        const moved = put(quantizer, codes, rows, biases);
        energyWhenBuilt = held.energy;
        return report("rebuilt", moved);
      }
      if (Math.max(lost, growth(held.energy, energy)) < reassignAt) return report("none", 0);
      return report("reassigned", put(held.quantizer, nearest(held.quantizer, rows), rows, biases));
    },
  };
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
