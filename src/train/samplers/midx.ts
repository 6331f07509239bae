import { copyIds } from "../../index/copied-arguments.ts";
import type { Codes } from "../codes/encode.ts";
import { renumberSecond } from "../codes/renumber.ts";
import { type Classes, checkClasses, checkDraw, checkQuery, readExcluded } from "./classes.ts";
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

/** The number of recent queries with which `refresh` measures the effective sample size. */
const MEASURED_QUERIES = 4;

const NONE: ReadonlySet<number> = new Set();

/** Added to residual energies before they are compared, because smaller energies do not affect draws. */
const NEGLIGIBLE_ENERGY = 0.01;

/** The proposal in use and the classes it was made from. */
interface ProposalState extends QuantizedClasses {
  /** The proposal, memoized for the last query: a loss calls `draw` and then `logQ` for its positives. */
  readonly proposal: MemoizedLast<QueryProposal>;
  /** Residual energy of the rows. */
  readonly energy: number;
}

/**
 * The MIDX sampler: it learns codebooks of the rows by k-means, weighted by the counts, and draws as `MultiIndex.sample`
 * does, without scores.
 *
 * `refresh` measures how far the rows have moved from their codewords and what this costs in effective sample size, over
 * the last few queries, O(N · dim) each. Once either has grown by `reassignAt`, classes get their nearest codewords, O(N ·
 * K · dim). Once it has grown by `rebuildAt`, a few passes of k-means first update the old codebooks. Until then the
 * proposal stays as it is, and log Q is exact for it.
 */
export async function midxSampler(tools: SamplerTools, classes: Classes, options: MidxOptions = {}): Promise<Sampler> {
  const { train } = tools;
  const plan = planMidx(classes, options);
  const { itemCount, dim, reassignAt, rebuildAt } = plan;
  const proposalFor = await proposals(tools, plan);
  const codebooks = planCodebooks(train, plan);
  const recent = keepRecent(Math.max(MEASURED_QUERIES, plan.kept));
  const allIds = Int32Array.from({ length: itemCount }, (_, id) => id);

  let current = stateOf(proposalFor, await codebooks.learn(classes));
  let energyWhenBuilt = current.energy;

  const lossOf = (rows: Float32Array, biases: Float32Array): number => {
    const { proposal, ...classes } = current;
    const logQ = (query: Float32Array): Float64Array => proposal.get(query, NONE).logQ(allIds);
    return lossOfSampleSize(train, { ...classes, logQ }, recent.last(MEASURED_QUERIES), rows, biases);
  };

  /** Updates the proposal if the drift is large enough. Reports what it did. */
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
      checkDraw(query, dim, count, drawSeed);
      const excludedIds = readExcluded(excluded, itemCount);
      recent.add(query);
      return current.proposal.get(query, excludedIds).draw(count, drawSeed);
    },
    logQ(query, ids, excluded) {
      checkQuery(query, dim);
      const classIds = copyIds("ids", ids, itemCount);
      return current.proposal.get(query, readExcluded(excluded, itemCount)).logQ(classIds);
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

/** Returns a function that makes the proposal of classes. A new proposal replaces the one before. */
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
