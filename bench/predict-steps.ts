// The kernels that make up predict(query, 10, { scan: 1024, draws: 100 }), timed one by one.
import { SEARCH_HEAD_COUNT, SEARCH_TOP_COUNT } from "../build/structs.ts";
import type { MultiIndex } from "../src/index/multi-index.ts";
import type { Kernels } from "../src/memory/kernels.ts";
import { openedOf } from "./library.ts";
import { median } from "./timing.ts";

/** Median microseconds of each step. */
type StepTimes = Readonly<Record<string, number>>;

const QUERIES = 512;
/** A warm step is run this often, and the first two do not count. */
const REPEATS = 6;

/**
 * Measures the times of the steps: each run once for a query, as a call runs them, and each run again and again for the same
 * query, when its data is in the caches.
 */
export function stepTimes(
  index: MultiIndex,
  queries: Float32Array,
  dim: number,
): { readonly steps: StepTimes; readonly warmSteps: StepTimes } {
  const steps = Object.entries(stepsOf(index));
  const [inCalls, warm] = [steps.map(() => [] as number[]), steps.map(() => [] as number[])];
  const query = (i: number): Float32Array => {
    const at = (i % (queries.length / dim)) * dim;
    return queries.subarray(at, at + dim);
  };
  const timed = (step: (query: Float32Array) => void, asked: Float32Array): number => {
    const start = performance.now();
    step(asked);
    return 1000 * (performance.now() - start);
  };
  for (let i = 0; i < QUERIES; i++) {
    for (const [which, [, step]] of steps.entries()) inCalls[which]?.push(timed(step, query(i)));
  }
  for (let i = 0; i < QUERIES; i++) {
    for (const [which, [, step]] of steps.entries()) {
      for (let repeat = 0; repeat < REPEATS; repeat++) {
        const time = timed(step, query(i));
        if (repeat >= 2) warm[which]?.push(time);
      }
    }
  }
  const medians = (times: readonly (readonly number[])[]): StepTimes =>
    Object.fromEntries(steps.map(([name], which) => [name, Number(median((times[which] ?? []).slice(64)).toFixed(2))]));
  return { steps: medians(inCalls), warmSteps: medians(warm) };
}

/** Returns the steps in their order. */
function stepsOf(index: MultiIndex): Record<string, (query: Float32Array) => void> {
  const opened = openedOf(index);
  const { layout, regions } = opened.plan;
  const kernels = opened.kernels as Kernels;
  return {
    "query to fixed point": (query) => {
      opened.floats.set(query, regions.query / 4);
      kernels.prepareQuery(layout);
    },
    "codebook products": () => kernels.subScores(layout),
    "bucket masses": () => kernels.bucketMasses(layout),
    "choice of the head": () => kernels.selectHead(layout, 1, 1024, 10),
    "mass of the tail": () => kernels.sumTail(layout),
    "head's scores and exp": () => kernels.scoreHead(layout),
    "end of the proposal": () => kernels.endProposal(layout),
    "top 10": () => {
      opened.search[SEARCH_TOP_COUNT / 8] = 0;
      const count = opened.search[SEARCH_HEAD_COUNT / 8] as number;
      kernels.topPush(layout, regions.headPositions, regions.headScores, count, 10);
      kernels.topSort(layout);
    },
    "spread of the tail": () => kernels.tailSpread(layout),
    "100 tail draws": () => kernels.estimateTail(layout, 100, 1n),
  };
}
