// @ts-check
// Readers of the three files behind an estimate: draws as the Worker logs them, rewards, and queries.
import { createHash } from "node:crypto";
import {
  InputError,
  isCount,
  isNumber,
  listIn,
  numberIn,
  objectOf,
  objects,
  requestIn,
  textIn,
  wrong,
} from "./json-lines.js";

/** @typedef {import("./json-lines.js").Lines} Lines */
/** @typedef {import("./json-lines.js").Place} Place */
/**
 * The draws for one vector of a request, with the log Q of each.
 * @typedef {object} LoggedDraws
 * @property {Place} place
 * @property {string} requestId
 * @property {string} key of the request and its row
 * @property {string} version of the index that drew
 * @property {number[]} ids
 * @property {string[] | undefined} labels
 * @property {number[]} logQ
 */
/**
 * A query for a policy: a vector, and the classes that were excluded, or the only ones that were allowed.
 * @typedef {{ readonly vector: Float32Array, readonly exclude?: number[], readonly allow?: number[] }} Query
 */

/** @type {(value: unknown) => value is string} */
const isText = (value) => typeof value === "string";

/**
 * log Q is at most 0, up to rounding.
 * @param {unknown} value
 * @returns {value is number}
 */
const isLogQ = (value) => isNumber(value) && value < 0.01;

/**
 * Reads the draws in a log. It skips other lines and repeated ones, which pipelines with at-least-once delivery produce.
 * InputError if there are no draws, and for a line that is cut off or incomplete.
 * @param {Lines} lines
 * @param {string} file
 * @returns {AsyncGenerator<LoggedDraws>}
 */
export async function* readDraws(lines, file) {
  /** @type {Map<string, { line: number, digest: string }>} */
  const seen = new Map();
  let line = 0;
  for await (const text of lines) {
    line++;
    if (!/"event"\s*:\s*"draws"/.test(text)) continue;
    const place = { file, line, value: objectOf(text, file, line) };
    if (place.value.event !== "draws") continue;
    const draws = drawsIn(place);
    const digest = createHash("sha256").update(text).digest("base64");
    const before = seen.get(draws.key);
    if (before?.digest === digest) continue;
    if (before) throw wrong(place, "requestId", `draws that line ${before.line} doesn't have`, draws.requestId);
    seen.set(draws.key, { line, digest });
    yield draws;
  }
  if (seen.size === 0)
    throw new InputError(`${file}: expected lines of {"event":"draws",…}, got none in ${line} lines`);
}

/**
 * @param {Place} place
 * @returns {LoggedDraws}
 */
function drawsIn(place) {
  const { requestId, key } = requestIn(place);
  const ids = listIn(place, "ids", "an id", isCount);
  const labels = place.value.labels === undefined ? undefined : listIn(place, "labels", "a label", isText);
  const logQ = listIn(place, "logQ", "the log of a probability", isLogQ);
  for (const [field, values] of Object.entries({ labels: labels ?? ids, logQ })) {
    if (values.length !== ids.length) throw wrong(place, field, `${ids.length} values, one an id`, values.length);
  }
  return { place, requestId, key, version: textIn(place, "version"), ids, labels, logQ };
}

/**
 * Reads the reward of each class of a request, by the class's id or label.
 * @param {Lines} lines
 * @param {string} file
 */
export async function readRewards(lines, file) {
  /** @type {Map<string, { reward: number, line: number }>} */
  const rewards = new Map();
  for await (const place of objects(lines, file)) {
    const { key } = requestIn(place);
    const drawn = classKey(key, classIn(place));
    const before = rewards.get(drawn);
    if (before) throw wrong(place, "requestId", `a class that line ${before.line} gives no reward yet`);
    rewards.set(drawn, { reward: numberIn(place, "reward"), line: place.line });
  }
  return rewards;
}

/** @param {Place} place */
function classIn(place) {
  const { id, label } = place.value;
  if ((id === undefined) === (label === undefined)) throw wrong(place, "id", 'an id, or a "label" instead');
  if (label !== undefined) return textIn(place, "label");
  if (!isCount(id)) throw wrong(place, "id", "an integer from 0");
  return id;
}

/**
 * @param {string} key of a request and its row
 * @param {number | string} drawn id or label
 */
export const classKey = (key, drawn) => `${key} ${JSON.stringify(drawn)}`;

/**
 * Reads queries by request and row, for an index with these numbers of dimensions and classes.
 * @param {Lines} lines
 * @param {string} file
 * @param {{ readonly dim: number, readonly itemCount: number }} info
 */
export async function readQueries(lines, file, { dim, itemCount }) {
  /** @type {Map<string, Query>} */
  const queries = new Map();
  /**
   * @param {unknown} value
   * @returns {value is number}
   */
  const isClass = (value) => isCount(value) && value < itemCount;
  for await (const place of objects(lines, file)) {
    const { key } = requestIn(place);
    if (queries.has(key)) throw wrong(place, "requestId", "a request and row that no line has yet");
    const vector = Float32Array.from(listIn(place, "vector", "a number", isNumber));
    if (vector.length !== dim) throw wrong(place, "vector", `${dim} numbers`, vector.length);
    /** @type {{ exclude?: number[], allow?: number[] }} */
    const filters = {};
    for (const field of /** @type {const} */ (["exclude", "allow"])) {
      if (place.value[field] === undefined) continue;
      filters[field] = listIn(place, field, `an id below ${itemCount}`, isClass);
    }
    queries.set(key, { vector, ...filters });
  }
  return queries;
}
