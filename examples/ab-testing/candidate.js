// @ts-check
// The policy to evaluate, which gives log π of the classes that were drawn.
import { wrong } from "./json-lines.js";

/** @typedef {import("midx").MultiIndex} MultiIndex */
/** @typedef {import("./inputs.js").LoggedDraws} LoggedDraws */
/** @typedef {import("./inputs.js").Query} Query */
/**
 * Computes log π of each draw, −∞ for a class that the policy never draws.
 * @typedef {(draws: LoggedDraws, query: Query) => ArrayLike<number>} Candidate
 */
/**
 * @typedef {object} CandidateOptions
 * @property {"softmax" | "estimated" | "sample"} kind the softmax from all rows, the softmax with an estimated log Z,
 *   which puts the error of log Ẑ into every weight, or the proposal of `sample`, whose log Q is exact
 * @property {number} [temperature]
 * @property {number} [scan] the head budget of the estimate and of the proposal
 */

/**
 * Matches classes by label where both the log and the index have labels, and otherwise by id.
 * @param {MultiIndex} index
 * @param {CandidateOptions} options
 * @returns {Candidate}
 */
export function candidateOf(index, { kind, temperature = 1, ...head }) {
  const idsByLabel = labelled(index);
  return (draws, query) => {
    const ids = idsOf(draws, index.info.itemCount, idsByLabel);
    const known = ids.filter((id) => id !== undefined);
    const logs = logProbabilities(index, query, known, { kind, temperature, ...head });
    let at = 0;
    return ids.map((id) => (id === undefined ? Number.NEGATIVE_INFINITY : Number(logs[at++])));
  };
}

/**
 * @param {MultiIndex} index
 * @param {Query} query
 * @param {number[]} ids
 * @param {CandidateOptions} options
 * @returns {ArrayLike<number>}
 */
function logProbabilities(index, { vector, ...filters }, ids, { kind, ...options }) {
  if (kind === "sample") return index.logQ(vector, ids, { ...options, ...filters });
  const exact = kind === "softmax";
  return index.logProbability(vector, ids, { ...options, ...filters, exact, seed: 1 }).logProbabilities;
}

/** @param {MultiIndex} index */
function labelled(index) {
  if (!index.info.hasLabels) return undefined;
  const labels = index.labels(Array.from({ length: index.info.itemCount }, (_, id) => id));
  return new Map(labels.map((label, id) => [label, id]));
}

/**
 * Finds the classes in the candidate's index; undefined for a label that it does not have.
 * @param {LoggedDraws} draws
 * @param {number} itemCount
 * @param {Map<string, number> | undefined} idsByLabel
 */
function idsOf({ place, ids, labels }, itemCount, idsByLabel) {
  if (labels && idsByLabel) return labels.map((label) => idsByLabel.get(label));
  const at = ids.findIndex((id) => id >= itemCount);
  if (at >= 0) throw wrong(place, `ids[${at}]`, `a class of the candidate, below ${itemCount}`, ids[at]);
  return ids;
}
