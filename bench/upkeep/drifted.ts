import { quantile } from "../../src/train/arithmetic/averages.ts";
import { logSumExp } from "../../src/train/arithmetic/logarithms.ts";
import type { BuildOptions, BuildReport } from "../../src/train/build/build-options.ts";
import { divergenceOf } from "../../src/train/evaluation/divergence.ts";
import { createSamplerWith } from "../../src/train/samplers/create.ts";
import { lossOfSampleSize, residualEnergy } from "../../src/train/samplers/midx/drift.ts";
import { buildWithoutOutliers, load, quantizedOf, samplerTools, trainKernels } from "../library.ts";
import { cpuMillis } from "../timing.ts";
import type { DriftedState, Start, Upkeep } from "./result.ts";
import type { TrainingState } from "./training.ts";

/** The numbers of codebook updates that are tried, in addition to none. */
const PASSES = [1, 2, 4, 8];

/** A proposal: log Q of every class for a query. */
type Proposal = (query: Float32Array, ids: Int32Array) => ArrayLike<number>;

/** Builds an index of the classes as they are, and measures it later on, with and without upkeep. */
export async function startFrom(state: TrainingState, counts: ArrayLike<number>) {
  const built = await timedBuild(state, { counts });
  const index = await load(built.file);
  const { quantizer, codes } = quantizedOf(built.file);
  const kept: Proposal = (query, ids) => index.logQ(query, ids, { scan: 0 });
  const ids = Int32Array.from(state.biases.keys());
  const proposed = { rows: state.rows, biases: state.biases, logQ: (query: Float32Array) => kept(query, ids) };
  const energy = residualEnergy(quantizer, codes, state.rows);

  const upkeepAfter = async (now: Exact): Promise<Upkeep[]> => {
    const warmFrom = built.file;
    return [
      { name: "kept", movedShare: 0, seconds: 0, ...worthOf(kept, now) },
      await builtUpkeep("reassigned", now, { warmFrom }),
      ...(await inTurn(PASSES, (warmPasses) =>
        builtUpkeep(passesName(warmPasses), now, { counts, warmFrom, warmPasses }),
      )),
      await builtUpkeep("rebuilt", now, { counts }),
      await refreshed(state, now, counts),
    ];
  };
  return {
    start: {
      steps: state.steps,
      effectiveSampleShare: worthOf(kept, exactOf(state)).effectiveSampleShare,
    } satisfies Partial<Start>,
    async after(now: TrainingState): Promise<DriftedState> {
      return {
        steps: now.steps - state.steps,
        energyGrowth: residualEnergy(quantizer, codes, now.rows) / energy,
        chiSquareGrowth: lossOfSampleSize(trainKernels(), proposed, now.queries, now.rows, now.biases),
        stepMillis: now.stepMillis,
        upkeep: await upkeepAfter(exactOf(now)),
      };
    },
    dispose: () => index.dispose(),
  };
}

const passesName = (passes: number): string => `${passes} ${passes === 1 ? "pass" : "passes"}`;

async function builtUpkeep(name: string, now: Exact, options: BuildOptions): Promise<Upkeep> {
  const { file, report, seconds } = await timedBuild(now, options);
  const index = await load(file);
  const worth = worthOf((query, ids) => index.logQ(query, ids, { scan: 0 }), now);
  index.dispose();
  const { moves } = report;
  return { name, ...worth, ...(moves && { movedShare: moves.moved / moves.compared }), seconds };
}

/** Applies the sampler's own rule and measures the result. */
async function refreshed(state: TrainingState, now: Exact, counts: ArrayLike<number>): Promise<Upkeep> {
  const sampler = await createSamplerWith(samplerTools(), { kind: "midx" }, { ...state, counts });
  // The sampler measures with the queries that it drew for last.
  for (const query of now.queries.slice(0, 4)) sampler.draw(query, 1, [], 0n);
  const start = cpuMillis();
  const { kind, moved } = sampler.refresh(now.rows, now.biases);
  const seconds = (cpuMillis() - start) / 1000;
  const worth = worthOf((query, ids) => sampler.logQ(query, ids, []), now);
  return { name: `refresh: ${kind}`, ...worth, movedShare: moved / now.biases.length, seconds };
}

async function timedBuild({ rows, biases }: TrainingState, options: BuildOptions) {
  const dim = rows.length / biases.length;
  const reports: BuildReport[] = [];
  const start = cpuMillis();
  const file = await buildWithoutOutliers(
    { data: rows, shape: [biases.length, dim] },
    {
      rowType: "f32",
      bias: biases,
      ...options,
      onReport: (report) => reports.push(report),
    },
  );
  const [report] = reports;
  if (report === undefined) throw new Error("the build made no report");
  return { file, report, seconds: (cpuMillis() - start) / 1000 };
}

/** Measures the quality of a proposal against the softmax over the classes as they are. */
function worthOf(proposal: Proposal, { queries, logP }: Exact): Pick<Upkeep, "kl" | "effectiveSampleShare"> {
  const { train } = samplerTools();
  const divergences = queries.map((query, i) => {
    const exact = logP[i] as Float64Array;
    const ids = Int32Array.from(exact, (_, id) => id);
    return divergenceOf(train, exact, proposal(query, ids));
  });
  return {
    kl: divergences.reduce((sum, { kl }) => sum + kl, 0) / queries.length,
    effectiveSampleShare: quantile(
      Float64Array.from(divergences, ({ chiSquare }) => 1 / (1 + chiSquare)),
      0.5,
    ),
  };
}

/** A state with log P of every class for each of its queries. */
interface Exact extends TrainingState {
  readonly logP: readonly Float64Array[];
}

function exactOf(state: TrainingState): Exact {
  const { rows, biases, queries } = state;
  const { train } = samplerTools();
  const logP = queries.map((query) => {
    const scores = Float64Array.from(biases, (bias, id) => bias + dot(query, rows, id * query.length));
    const logZ = logSumExp(train, scores);
    return scores.map((score) => score - logZ);
  });
  return { ...state, logP };
}

function dot(query: Float32Array, rows: Float32Array, at: number): number {
  let sum = 0;
  for (let d = 0; d < query.length; d++) sum += (query[d] as number) * (rows[at + d] as number);
  return sum;
}

async function inTurn<From, To>(all: readonly From[], each: (one: From) => Promise<To>): Promise<To[]> {
  const out: To[] = [];
  for (const one of all) out.push(await each(one));
  return out;
}
