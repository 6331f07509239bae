// @ts-check
// Trains a model of TensorFlow.js by sampled softmax, on made-up data:  node examples/tfjs.js
// TensorFlow.js has the encoder and the gradients, and midx draws the negatives. Only the vectors of the label and of the
// drawn classes become tensors, so a step does not depend on the number of classes. Beside midx it needs
// npm install @tensorflow/tfjs
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import { createSampler, drawBatch } from "midx/train";

const [classCount, dim, batch, negatives, refreshEvery, rate] = [500, 16, 32, 20, 50, 2];

/**
 * Trains for so many steps and returns the loss of the full softmax before them and after each refresh of the sampler.
 *
 * @param {number} steps
 * @returns {Promise<number[]>}
 */
export async function train(steps) {
  await tf.setBackend("cpu");
  const hidden = await valuesOf(tf.randomNormal([classCount, dim], 0, 1, "float32", 1));
  const rows = await valuesOf(tf.randomNormal([classCount, dim], 0, 0.1, "float32", 2));
  const biases = new Float32Array(classCount);
  const encoder = tf.variable(tf.eye(dim));
  const sampler = await createSampler({ kind: "midx" }, { rows, biases });

  /**
   * Contexts are noisy copies of the hidden vectors of their labels.
   *
   * @param {number} seed
   */
  const examples = async (seed) => {
    const uniform = await valuesOf(tf.randomUniform([batch], 0, classCount, "float32", seed));
    const labels = Int32Array.from(uniform);
    const noise = tf.randomNormal([batch, dim], 0, 0.3, "float32", seed + 0.5);
    return { labels, contexts: tf.add(picked(hidden, labels, [batch, dim]), noise) };
  };

  /** @param {number} seed */
  const fullLoss = async (seed) => {
    const { labels, contexts } = await examples(seed);
    const logits = tf.add(
      tf.matMul(tf.matMul(contexts, encoder), tf.tensor2d(rows, [classCount, dim]), false, true),
      biases,
    );
    const own = tf.sum(tf.mul(logits, tf.oneHot(labels, classCount)), 1);
    const [loss = Number.NaN] = await valuesOf(tf.mean(tf.sub(tf.logSumExp(logits, 1), own)));
    return loss;
  };

  const losses = [await fullLoss(0)];
  for (let step = 1; step <= steps; step++) {
    const { labels, contexts } = await examples(step);
    const queries = await valuesOf(tf.matMul(contexts, encoder));
    const excluded = Array.from(labels, (label) => [label]);
    const { ids, logQ } = drawBatch(sampler, queries, batch, negatives, { excluded, seed: step });
    // A negative counts e^(logit − log Q − log M) in the denominator (form B).
    const shifts = tf.tensor2d(
      Float32Array.from(logQ, (log) => log + Math.log(negatives)),
      [batch, negatives],
    );
    const gradients = tf.grads((weights, own, ownBiases, drawn, drawnBiases) => {
      const found = tf.matMul(contexts, weights);
      const target = tf.add(tf.sum(tf.mul(found, own), 1), ownBiases);
      const dots = tf.sum(tf.mul(tf.expandDims(found, 1), drawn), 2);
      const others = tf.sub(tf.add(dots, drawnBiases), shifts);
      return tf.mean(tf.sub(tf.logSumExp(tf.concat([tf.expandDims(target, 1), others], 1), 1), target));
    });
    const tables = [
      { table: rows, ids: labels, shape: [batch, dim] },
      { table: biases, ids: labels, shape: [batch] },
      { table: rows, ids, shape: [batch, negatives, dim] },
      { table: biases, ids, shape: [batch, negatives] },
    ];
    const found = gradients([encoder, ...tables.map(({ table, ids, shape }) => picked(table, ids, shape))]);
    const [ofEncoder = encoder, ...ofClasses] = found;
    encoder.assign(tf.sub(encoder, tf.mul(0.1, ofEncoder)));
    const changes = await Promise.all(ofClasses.map(valuesOf));
    for (const [i, { table, ids }] of tables.entries()) descend(table, ids, changes[i] ?? new Float32Array(0));
    if (step % refreshEvery > 0) continue;
    sampler.refresh(rows, biases);
    losses.push(await fullLoss(0));
  }
  return losses;
}

/**
 * Returns the rows of these classes as a tensor.
 *
 * @param {Float32Array} table
 * @param {Int32Array} ids
 * @param {number[]} shape
 */
function picked(table, ids, shape) {
  const width = table.length / classCount;
  const values = new Float32Array(ids.length * width);
  for (const [i, id] of ids.entries()) values.set(table.subarray(id * width, (id + 1) * width), i * width);
  return tf.tensor(values, shape);
}

/**
 * Moves the rows of these classes against their gradients. A class that was drawn twice takes two steps.
 *
 * @param {Float32Array} table
 * @param {Int32Array} ids
 * @param {Float32Array} gradients
 */
function descend(table, ids, gradients) {
  const width = table.length / classCount;
  for (const [i, id] of ids.entries()) {
    const row = table.subarray(id * width, (id + 1) * width);
    row.set(row.map((value, d) => value - rate * (gradients[i * width + d] ?? 0)));
  }
}

/**
 * @param {tf.Tensor} tensor
 * @returns {Promise<Float32Array>}
 */
const valuesOf = async (tensor) => Float32Array.from(await tensor.data());

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  for (const [i, loss] of (await train(500)).entries()) console.log(`${i * refreshEvery}: loss ${loss.toFixed(3)}`);
}
