import { describe, expect, test } from "vitest";
import { formABound, formBBound } from "../../bench/curves/bias-bounds.ts";
import { type BiasCase, meanVector, squaredBias } from "../../bench/curves/gradient-bias.ts";
import { planSampledSoftmaxLoss } from "../../src/train/loss/sampled-softmax.ts";
import { EVERY } from "../run/size.ts";
import { logSumExp } from "../statistics/enumeration.ts";
import { trainKernels } from "../train/instances.ts";
import { randomRows } from "../train/rows.ts";

// The bias of the gradient by the query from all N^M tuples of M draws from N classes, against the estimate from
// repetitions and against its bounds.

const N = 6;
const DIM = 3;
const M = 3;
const CASES = EVERY ? 300 : 80;
const IDS = Int32Array.from({ length: N }, (_, id) => id);
const loss = planSampledSoftmaxLoss(trainKernels());

const normalised = (values: readonly number[]): Float64Array => {
  const all = logSumExp(values.filter((value) => value > Number.NEGATIVE_INFINITY));
  return Float64Array.from(values, (value) => value - all);
};

interface Made extends BiasCase {
  /** log Q of the proposal without and with the positive excluded. */
  readonly logQ: { readonly A: Float64Array; readonly B: Float64Array };
}

/** `width`: the spread of logits and of log Q. */
function made(seed: number, width: number): Made {
  const rows = randomRows(N * DIM, seed);
  const query = randomRows(DIM, seed + 1).map((value) => width * value);
  const biases = new Float32Array(N);
  const positive = seed % N;
  const logits = Array.from(IDS, (id) => query.reduce((sum, z, d) => sum + z * (rows[id * DIM + d] as number), 0));
  const logQ = Array.from(randomRows(N, seed + 2), (value) => (width / 2) * value);
  return {
    ...{ query, positive, rows, biases, logP: normalised(logits) },
    logQ: {
      A: normalised(logQ),
      B: normalised(logQ.map((value, id) => (id === positive ? Number.NEGATIVE_INFINITY : value))),
    },
  };
}

const rowOf = ({ rows }: BiasCase, id: number): Float32Array => rows.subarray(id * DIM, (id + 1) * DIM);

/** ‖E ĝ − g‖ over all tuples. */
function exactBias(form: "A" | "B", one: Made, logQ: Float64Array): number {
  const mean = meanVector(one);
  const own = one.positive;
  const positives = {
    ids: [own],
    rows: rowOf(one, own),
    biases: new Float32Array(1),
    logQ: logQ.subarray(own, own + 1),
  };
  const off = Float64Array.from(mean, (value, d) => (rowOf(one, own)[d] as number) - value);
  for (let number = 0; number < N ** M; number++) {
    const ids = Int32Array.from({ length: M }, (_, place) => Math.floor(number / N ** place) % N);
    const probability = Math.exp(ids.reduce((sum, id) => sum + (logQ[id] as number), 0));
    if (probability === 0) continue;
    const { gradQuery } = loss({
      form,
      query: one.query,
      positives,
      sampled: {
        ids,
        logQ: Float64Array.from(ids, (id) => logQ[id] as number),
        rows: Float32Array.from(Array.from(ids, (id) => Array.from(rowOf(one, id))).flat()),
        biases: new Float32Array(M),
      },
    });
    for (const [d, value] of gradQuery.entries()) (off[d] as number) += probability * value;
  }
  return Math.hypot(...off);
}

/** Independent draws by inversion. */
function draw(logQ: Float64Array, count: number, seed: number): { ids: Int32Array; logQ: Float64Array } {
  const uniform = randomRows(count, seed).map((value) => (value + 1) / 2);
  const ids = Int32Array.from(uniform, (u) => {
    let left = u;
    const found = IDS.findIndex((id) => {
      left -= Math.exp(logQ[id] as number);
      return left < 0;
    });
    return found < 0 ? logQ.indexOf(Math.max(...logQ)) : found;
  });
  return { ids, logQ: Float64Array.from(ids, (id) => logQ[id] as number) };
}

const deltaOf = (one: Made): number => {
  const mean = meanVector(one);
  return Math.max(
    ...Array.from(IDS, (id) => Math.hypot(...rowOf(one, id).map((value, d) => value - (mean[d] as number)))),
  );
};

const rhoOf = (logP: Float64Array, logQ: Float64Array): number =>
  logP.reduce(
    (sum, value, id) => (value > Number.NEGATIVE_INFINITY ? sum + Math.exp(2 * value - (logQ[id] as number)) : sum),
    0,
  );

function boundOf(form: "A" | "B", one: Made): number {
  const { logP, logQ, positive } = one;
  const probability = Math.exp(logP[positive] as number);
  const delta = deltaOf(one);
  if (form === "A") {
    const weight = probability / Math.exp(logQ.A[positive] as number);
    return formABound({ delta, weight, rho: rhoOf(logP, logQ.A), draws: M });
  }
  const rest = normalised(Array.from(logP, (value, id) => (id === positive ? Number.NEGATIVE_INFINITY : value)));
  return formBBound({ delta, probability, rho: rhoOf(rest, logQ.B), draws: M });
}

describe.each(["A", "B"] as const)("the bias of form %s", (form) => {
  test.each([1, 3, 6])("is what enumeration finds, with logits %d apart", (width) => {
    for (let seed = 0; seed < (EVERY ? 4 : 2); seed++) {
      const one = made(10 * seed, width);
      const logQ = one.logQ[form];
      const drawn = draw(logQ, 6000 * M, seed);
      const { value, variance } = squaredBias(loss, one, { form, logQ, draws: M, drawn });
      const exact = exactBias(form, one, logQ) ** 2;
      expect(Math.abs(value - exact)).toBeLessThan(4.5 * Math.sqrt(variance) + 1e-9);
      expect(Math.sqrt(variance), "it is told from 0").toBeLessThan(Math.max(exact / 3, 1e-5));
    }
  });

  test(`is at most its bound, in ${CASES} cases`, () => {
    let closest = 0;
    for (let seed = 0; seed < CASES; seed++) {
      const one = made(seed, 0.5 + (seed % 20) / 2);
      const [bias, bound] = [exactBias(form, one, one.logQ[form]), boundOf(form, one)];
      expect(bias).toBeLessThanOrEqual(bound + 1e-6);
      closest = Math.max(closest, bias / bound);
    }
    expect(closest, "and the bound is not far above all of them").toBeGreaterThan(0.1);
  });
});

test("draws of the softmax itself leave form B without bias, and form A with 1 / (M + 1) of the gradient", () => {
  const one = made(5, 3);
  const { logP, positive } = one;
  const without = normalised(Array.from(logP, (value, id) => (id === positive ? Number.NEGATIVE_INFINITY : value)));
  const gradient = Math.hypot(...meanVector(one).map((value, d) => value - (rowOf(one, positive)[d] as number)));
  expect(exactBias("B", one, without)).toBeLessThan(1e-6);
  expect(exactBias("A", one, logP)).toBeCloseTo(gradient / (M + 1), 6);
});
