// Trains the class vectors of a softmax by sampled softmax, on made-up data:  node examples/sampled-softmax.js
import { createSampler, sampledSoftmaxLoss } from "midx/train";

const [classCount, dim, draws, steps, rate] = [500, 16, 20, 6000, 0.3];

// Each class has a hidden vector. Examples are noisy copies of the vector of their class.
const random = numbersFrom(1);
const hidden = Float32Array.from({ length: classCount * dim }, random);
const example = () => {
  const label = Math.floor(((random() + 1) / 2) * classCount);
  const query = hidden.slice(label * dim, (label + 1) * dim).map((value) => 2 * value + 0.5 * random());
  return { label, query };
};

const rows = Float32Array.from({ length: classCount * dim }, () => 0.1 * random());
const biases = new Float32Array(classCount);
const sampler = await createSampler({ kind: "midx" }, { rows, biases });
const heldOut = Array.from({ length: 200 }, example);
export const losses = [fullLoss()];

for (let step = 1; step <= steps; step++) {
  const { label, query } = example();
  const { ids, logQ } = sampler.draw(query, draws, [label], BigInt(step));
  const found = sampledSoftmaxLoss({
    form: "B",
    query,
    positives: { ids: [label], ...vectorsOf([label]) },
    sampled: { ids, logQ, ...vectorsOf(ids) },
  });
  descend([label], found.gradPositives, found.gradPositiveBiases);
  descend(ids, found.gradSampled, found.gradSampledBiases);
  if (step % 500 > 0) continue;
  const { kind, moved, seconds } = sampler.refresh(rows, biases);
  losses.push(fullLoss());
  const milliseconds = (1000 * seconds).toFixed(0);
  console.log(`${step}: loss ${losses.at(-1).toFixed(3)}, index ${kind}, ${moved} classes moved, ${milliseconds} ms`);
}

function vectorsOf(ids) {
  const found = { rows: new Float32Array(ids.length * dim), biases: new Float32Array(ids.length) };
  for (const [i, id] of ids.entries()) {
    found.rows.set(rows.subarray(id * dim, (id + 1) * dim), i * dim);
    found.biases[i] = biases[id];
  }
  return found;
}

/** Moves the drawn classes against their gradients. A class that was drawn twice takes two steps. */
function descend(ids, gradRows, gradBiases) {
  for (const [i, id] of ids.entries()) {
    for (let d = 0; d < dim; d++) rows[id * dim + d] -= rate * gradRows[i * dim + d];
    biases[id] -= rate * gradBiases[i];
  }
}

/** Mean of −log P over the examples held out, by the full softmax. */
function fullLoss() {
  let sum = 0;
  for (const { label, query } of heldOut) {
    const logits = Array.from(biases, (bias, id) =>
      query.reduce((dot, value, d) => dot + value * rows[id * dim + d], bias),
    );
    const largest = Math.max(...logits);
    sum += largest + Math.log(logits.reduce((total, logit) => total + Math.exp(logit - largest), 0)) - logits[label];
  }
  return sum / heldOut.length;
}

/** Returns a generator of numbers in [−1, 1), determined by the seed (Park & Miller). */
function numbersFrom(seed) {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return (2 * state) / 2147483647 - 1;
  };
}
