import { PURPOSE, uniforms } from "../src/train/random/uniforms.ts";

/**
 * A recommender: the logit of item i after the items `seen` is queryOf(seen) · outputs[i] + bias[i]. Tables are
 * (itemCount, dim).
 */
export interface Recommender {
  readonly dim: number;
  readonly inputs: Float32Array;
  readonly outputs: Float32Array;
  readonly bias: Float32Array;
}

export interface RecommenderOptions {
  readonly dim: number;
  readonly epochs: number;
  readonly learningRate: number;
  readonly seed: number;
}

/** The number of items of a set that make its query. It should predict the others. */
const MOST_SEEN = 8;
const MOST_TARGETS = 64;
/**
 * The number of negatives that are drawn for the log-partition. With 512 the held-out perplexity of gowalla is 2,296
 * instead of 2,210.
 */
const NEGATIVES = 1024;
/** The number of sets that share their negatives. */
const BATCH = 32;
const INITIAL_DEVIATION = 0.1;

/** Σ inputs / √n over n ≤ 8 items, evenly spaced in `items`. */
export function queryOf({ inputs, dim }: Recommender, items: Uint16Array): Float32Array {
  const count = Math.min(MOST_SEEN, items.length);
  const query = new Float64Array(dim);
  for (let n = 0; n < count; n++) {
    add(query, inputs, (items[Math.floor((n * items.length) / count)] as number) * dim, 1 / Math.sqrt(count));
  }
  return Float32Array.from(query);
}

/**
 * Trains a recommender. Each epoch cuts every set of items in two at random: up to 8 items are seen, and the others are
 * the targets. The loss is the mean of log Z − o_t over the targets t of a set, with an unbiased estimate of Z: the
 * targets exactly, and the other classes from negatives j of q ∝ count^¾ as e^(o_j) / (M q_j), without negatives that
 * are targets. The optimizer is Adagrad with one rate for each row. Training is seeded and repeatable on one machine.
 */
export function trainRecommender(
  sets: readonly Uint16Array[],
  counts: Uint32Array,
  { dim, epochs, learningRate, seed }: RecommenderOptions,
): Recommender {
  const itemCount = counts.length;
  const stream = uniforms({ seed: BigInt(seed), purpose: PURPOSE.sample, codebook: 0, restart: 0 });
  let used = 0;
  const uniform = (): number => stream(used++);

  const inputs = adagradTable(itemCount, dim, learningRate);
  const outputs = adagradTable(itemCount, dim, learningRate);
  const biases = adagradTable(itemCount, 1, learningRate);
  for (const { values } of [inputs, outputs]) {
    for (let i = 0; i < values.length; i++) values[i] = INITIAL_DEVIATION * (uniform() - uniform()) * Math.sqrt(6);
  }
  const total = counts.reduce((a, b) => a + b, 0);
  biases.values.set(Float64Array.from(counts, (count) => Math.log((count + 1) / (total + itemCount))));

  const proposal = powerProposal(counts);
  const negatives = new Uint32Array(NEGATIVES);
  const rows = new Float64Array(NEGATIVES * dim);
  const offsets = new Float64Array(NEGATIVES);
  const masses = new Float64Array(NEGATIVES);
  const rowGradients = new Float64Array(NEGATIVES * dim);
  const biasGradients = new Float64Array(NEGATIVES);
  const query = new Float64Array(dim);
  const queryGradient = new Float64Array(dim);
  const targetGradient = new Float64Array(dim);
  const targetMasses = new Float64Array(MOST_TARGETS);
  const isTarget = new Uint8Array(itemCount);
  const order = Uint32Array.from(sets, (_, at) => at);

  function drawNegatives(): void {
    for (let j = 0; j < NEGATIVES; j++) {
      const id = proposal.draw(uniform());
      negatives[j] = id;
      offsets[j] = (biases.values[id] as number) - Math.log(NEGATIVES * (proposal.probability[id] as number));
      rows.set(outputs.values.subarray(id * dim, (id + 1) * dim), j * dim);
    }
    rowGradients.fill(0);
    biasGradients.fill(0);
  }

  function stepNegatives(): void {
    for (let j = 0; j < NEGATIVES; j++) {
      outputs.step(negatives[j] as number, rowGradients, j * dim);
      biases.step(negatives[j] as number, biasGradients, j);
    }
  }

  function learn(seen: Uint16Array, targets: Uint16Array): void {
    const share = 1 / Math.sqrt(seen.length);
    query.fill(0);
    for (const id of seen) add(query, inputs.values, id * dim, share);
    for (const id of targets) isTarget[id] = 1;
    let largest = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < NEGATIVES; j++) {
      const left = isTarget[negatives[j] as number];
      const logit = left ? Number.NEGATIVE_INFINITY : dot(query, rows, j * dim) + (offsets[j] as number);
      masses[j] = logit;
      if (logit > largest) largest = logit;
    }
    for (let t = 0; t < targets.length; t++) {
      const id = targets[t] as number;
      const logit = dot(query, outputs.values, id * dim) + (biases.values[id] as number);
      targetMasses[t] = logit;
      if (logit > largest) largest = logit;
    }
    let sum = 0;
    for (let j = 0; j < NEGATIVES; j++) sum += masses[j] = Math.exp((masses[j] as number) - largest);
    for (let t = 0; t < targets.length; t++) sum += targetMasses[t] = Math.exp((targetMasses[t] as number) - largest);

    queryGradient.fill(0);
    for (let j = 0; j < NEGATIVES; j++) {
      const gradient = (masses[j] as number) / sum;
      biasGradients[j] = (biasGradients[j] as number) + gradient;
      for (let d = 0, at = j * dim; d < dim; d++, at++) {
        queryGradient[d] = (queryGradient[d] as number) + gradient * (rows[at] as number);
        rowGradients[at] = (rowGradients[at] as number) + gradient * (query[d] as number);
      }
    }
    for (let t = 0; t < targets.length; t++) {
      const id = targets[t] as number;
      const gradient = (targetMasses[t] as number) / sum - 1 / targets.length;
      add(queryGradient, outputs.values, id * dim, gradient);
      targetGradient.fill(0);
      add(targetGradient, query, 0, gradient);
      outputs.step(id, targetGradient, 0);
      biases.step(id, [gradient], 0);
      isTarget[id] = 0;
    }
    for (let d = 0; d < dim; d++) queryGradient[d] = (queryGradient[d] as number) * share;
    for (const id of seen) inputs.step(id, queryGradient, 0);
  }

  for (let epoch = 0; epoch < epochs; epoch++) {
    shuffle(order, uniform);
    for (let first = 0; first < order.length; first += BATCH) {
      drawNegatives();
      for (const at of order.subarray(first, first + BATCH)) {
        const items = shuffle((sets[at] as Uint16Array).slice(), uniform);
        const cut = Math.min(MOST_SEEN, items.length >> 1);
        learn(items.subarray(0, cut), items.subarray(cut, cut + MOST_TARGETS));
      }
      stepNegatives();
    }
  }
  return {
    dim,
    inputs: Float32Array.from(inputs.values),
    outputs: Float32Array.from(outputs.values),
    bias: Float32Array.from(biases.values),
  };
}

interface AdagradTable {
  readonly values: Float64Array;
  step(row: number, gradients: ArrayLike<number>, at: number): void;
}

/** Makes an f64 table (rows, dim) of zeros. A step is gradient · rate / √(sum so far of the row's mean squared gradients). */
function adagradTable(rowCount: number, dim: number, rate: number): AdagradTable {
  const values = new Float64Array(rowCount * dim);
  const squares = new Float64Array(rowCount).fill(1e-6);
  return {
    values,
    step(row, gradients, at) {
      let square = 0;
      for (let d = 0; d < dim; d++) square += (gradients[at + d] as number) ** 2;
      squares[row] = (squares[row] as number) + square / dim;
      const factor = rate / Math.sqrt(squares[row] as number);
      for (let d = 0, to = row * dim; d < dim; d++, to++) {
        values[to] = (values[to] as number) - factor * (gradients[at + d] as number);
      }
    },
  };
}

/** Returns the proposal q ∝ (count + 1)^¾, drawn by bisection. */
function powerProposal(counts: Uint32Array): { probability: Float64Array; draw: (uniform: number) => number } {
  const probability = Float64Array.from(counts, (count) => (count + 1) ** 0.75);
  const total = probability.reduce((a, b) => a + b, 0);
  const ends = new Float64Array(counts.length);
  for (let id = 0, end = 0; id < counts.length; id++) {
    probability[id] = (probability[id] as number) / total;
    end += probability[id] as number;
    ends[id] = end;
  }
  const draw = (uniform: number): number => {
    let low = 0;
    let high = counts.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] as number) > uniform) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  return { probability, draw };
}

/** Shuffles in place (Fisher–Yates). */
export function shuffle<T extends Uint16Array | Uint32Array>(values: T, uniform: () => number): T {
  for (let last = values.length - 1; last > 0; last--) {
    const other = Math.floor(uniform() * (last + 1));
    const value = values[last] as number;
    values[last] = values[other] as number;
    values[other] = value;
  }
  return values;
}

function add(to: Float64Array, from: Float64Array | Float32Array, at: number, factor: number): void {
  for (let d = 0; d < to.length; d++) to[d] = (to[d] as number) + factor * (from[at + d] as number);
}

/** Computes the inner product as four sums, since a single one would wait for each addition. dim must be a multiple of 4. */
function dot(query: Float64Array, rows: Float64Array, at: number): number {
  let [a, b, c, e] = [0, 0, 0, 0];
  for (let d = 0; d < query.length; d += 4) {
    a += (query[d] as number) * (rows[at + d] as number);
    b += (query[d + 1] as number) * (rows[at + d + 1] as number);
    c += (query[d + 2] as number) * (rows[at + d + 2] as number);
    e += (query[d + 3] as number) * (rows[at + d + 3] as number);
  }
  return a + b + (c + e);
}
