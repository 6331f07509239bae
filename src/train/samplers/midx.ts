import { copyIds } from "../../index/copied-arguments.ts";
import type { Codes } from "../codes/encode.ts";
import { renumberSecond } from "../codes/renumber.ts";
import { type Classes, checkClasses, checkDraw, readExcluded } from "./classes.ts";
import { type MemoizedLast, memoizeLast } from "./memoize-last.ts";
import { bucketProposal } from "./midx/bucket-proposal.ts";
import { planCodebooks } from "./midx/codebooks.ts";
import { lossOfSampleSize, residualEnergy } from "./midx/drift.ts";
import { headProposal } from "./midx/head-proposal.ts";
import { type MidxOptions, type MidxPlan, planMidx } from "./midx/midx-options.ts";
import type { Proposal, QuantizedClasses, QueryProposal } from "./midx/proposal.ts";
import { keepRecent } from "./midx/recent-queries.ts";
import type { RefreshReport, Sampler } from "./sampler.ts";
import type { SamplerTools } from "./tools.ts";

/** Queries that `refresh` measures the effective sample size with: the last that were drawn for. */
const MEASURED_QUERIES = 4;

const NONE: ReadonlySet<number> = new Set();

/** Residual energies are compared on top of this much: what is less matters to no draw. */
const NEGLIGIBLE_ENERGY = 0.01;

/** The proposal in use, and what it was made of. */
interface ProposalState extends QuantizedClasses {
  /** The proposal for a query, which stays between a draw and the log Q of a loss's positives. */
  readonly proposal: MemoizedLast<QueryProposal>;
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
  const plan = planMidx(classes, options);
  const { itemCount, dim, reassignAt, rebuildAt } = plan;
  const proposalFor = await proposals(tools, plan);
  const codebooks = planCodebooks(train, plan);
  const recent = keepRecent(Math.max(MEASURED_QUERIES, plan.kept));
  const ids = Int32Array.from({ length: itemCount }, (_, id) => id);

  let current = stateOf(proposalFor, await codebooks.learn(classes));
  let energyWhenBuilt = current.energy;

  const lossOf = (rows: Float32Array, biases: Float32Array): number => {
    const { proposal, ...made } = current;
    const logQ = (query: Float32Array): Float64Array => proposal.get(query, NONE).logQ(ids);
    return lossOfSampleSize(train, { ...made, logQ }, recent.last(MEASURED_QUERIES), rows, biases);
  };

  /** Brings the proposal up to date where that is worth it, and says what it did. */
  const update = (rows: Float32Array, biases: Float32Array): Omit<RefreshReport, "seconds"> => {
    const { quantizer, codes } = current;
    const energy = residualEnergy(quantizer, codes, rows);
    const grown = growth(energyWhenBuilt, energy);
    const lost = grown < rebuildAt ? lossOf(rows, biases) : 1;
    const isToRebuild = Math.max(lost, grown) >= rebuildAt;
    if (!isToRebuild && Math.max(lost, growth(current.energy, energy)) < reassignAt) return { kind: "none", moved: 0 };
    const next = isToRebuild
      ? codebooks.relearn(quantizer, { rows, biases }, recent.last(Infinity))
      : codebooks.quantize(quantizer, { rows, biases });
    const moved = movedBetween(codes, next.codes);
    current = stateOf(proposalFor, next);
    if (isToRebuild) energyWhenBuilt = current.energy;
    return { kind: isToRebuild ? "rebuilt" : "reassigned", moved };
  };

  return {
    name: "midx",
    adaptive: true,
    draw(query, count, excluded, drawSeed) {
      checkDraw(query, dim, count);
      const excludedIds = readExcluded(excluded, itemCount);
      recent.add(query);
      return current.proposal.get(query, excludedIds).draw(count, drawSeed);
    },
    logQ(query, of, excluded) {
      checkDraw(query, dim, of.length);
      const asked = copyIds("ids", of, itemCount);
      return current.proposal.get(query, readExcluded(excluded, itemCount)).logQ(asked);
    },
    refresh(rows, biases) {
      const start = performance.now();
      checkClasses(rows, biases, itemCount, dim);
      return { ...update(rows, biases), seconds: (performance.now() - start) / 1000 };
    },
  };
}

function stateOf(
  proposalFor: (classes: QuantizedClasses) => Proposal,
  { quantizer: found, codes, rows, biases }: QuantizedClasses,
): ProposalState {
  const quantizer = renumberSecond(found, codes);
  const quantized = { quantizer, codes, rows: rows.slice(), biases: biases.slice() };
  return {
    ...quantized,
    proposal: memoizeLast(proposalFor(quantized)),
    energy: residualEnergy(quantizer, codes, rows),
  };
}

/** Makes the proposal of classes, in place of the one before. */
async function proposals(
  tools: SamplerTools,
  { scan, limits }: MidxPlan,
): Promise<(classes: QuantizedClasses) => Proposal> {
  if (scan > 0) {
    const found = { modules: await tools.modules(), checksum: tools.checksum };
    return (classes) => headProposal(found, classes, scan, limits);
  }
  const kernels = tools.newInstance();
  return (classes) => bucketProposal(kernels, classes, limits.maxDraws);
}

const growth = (before: number, now: number): number => (now + NEGLIGIBLE_ENERGY) / (before + NEGLIGIBLE_ENERGY);

function movedBetween(before: Codes, after: Codes): number {
  let moved = 0;
  for (let id = 0; id < before.codes1.length; id++) {
    if (before.codes1[id] !== after.codes1[id] || before.codes2[id] !== after.codes2[id]) moved++;
  }
  return moved;
}
