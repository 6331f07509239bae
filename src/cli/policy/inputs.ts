import { createHash } from "node:crypto";
import { type ItemSequence, sequenceIn } from "./item-sequence.ts";
import {
  InputError,
  isCount,
  isNumber,
  type Lines,
  listIn,
  numberIn,
  objectOf,
  objects,
  type Place,
  requestIn,
  textIn,
  wrong,
} from "./json-lines.ts";
import { conditionsIn, type QueryConditions } from "./query-conditions.ts";

// Readers of the files behind an estimate: draws as the service logs them, rewards, queries, and predicted rewards.

/** Classes by id and, if the labels are known, by label. */
export interface NamedClasses {
  readonly place: Place;
  readonly ids: readonly number[];
  readonly labels: readonly string[] | undefined;
}

/** The draws for one vector of a request, with the log Q of each. */
export interface LoggedDraws extends NamedClasses {
  readonly requestId: string;
  /** The request and its row. */
  readonly key: string;
  /** The version of the index that drew. */
  readonly version: string;
  readonly logQ: readonly number[];
}

/** A query for a policy, and the conditions that its request had beside the temperature. */
export interface PolicyQuery {
  readonly place: Pick<Place, "file" | "line">;
  /** A vector, or a sequence of which the encoder of each candidate makes one. */
  readonly query: Float32Array | ItemSequence;
  readonly conditions: QueryConditions;
}

/** The rewards of classes of a request, by request, row and class. */
export type Rewards = ReadonlyMap<string, { readonly reward: number; readonly line: number }>;

/** The rewards that a model predicts for classes of a request. The prediction for all others is 0. */
export interface Predictions extends NamedClasses {
  readonly rewards: readonly number[];
}

const isText = (value: unknown): value is string => typeof value === "string";

/** log Q is at most 0, up to rounding. Nobody draws a class of a smaller one, whose weight would be too large to be squared. */
const isLogQ = (value: unknown): value is number => isNumber(value) && value < 0.01 && value >= -300;

/** A log, by name. */
export interface Log {
  readonly file: string;
  readonly lines: Lines;
}

/**
 * Reads the draws in logs. It skips other lines and repeated ones, which pipelines with at-least-once delivery produce, also if
 * they write JSON in another way or add fields. Throws an InputError if there are no draws, and for a line that is cut off or incomplete.
 */
export async function* readDraws(logs: readonly Log[]): AsyncGenerator<LoggedDraws> {
  const seen = new Map<string, { readonly file: string; readonly line: number; readonly digest: string }>();
  let read = 0;
  for (const { file, lines } of logs) {
    let line = 0;
    for await (const text of lines) {
      line++;
      read++;
      if (!/"event"\s*:\s*"draws"/.test(text)) continue;
      const place = { file, line, value: objectOf(text, file, line) };
      if (place.value.event !== "draws") continue;
      const draws = drawsIn(place);
      const { version, ids, labels, logQ } = draws;
      const digest = createHash("sha256")
        .update(JSON.stringify([version, ids, labels, logQ]))
        .digest("base64");
      const before = seen.get(draws.key);
      if (before?.digest === digest) continue;
      if (before) {
        const where = before.file === file ? `line ${before.line}` : `${before.file}:${before.line}`;
        throw wrong(place, "requestId", `draws that ${where} doesn't have`, draws.requestId);
      }
      seen.set(draws.key, { file, line, digest });
      yield draws;
    }
  }
  if (seen.size > 0) return;
  const files = logs.map(({ file }) => file).join(", ");
  throw new InputError(`${files}: expected lines of {"event":"draws",…}, got none in ${read} lines`);
}

function drawsIn(place: Place): LoggedDraws {
  const request = requestIn(place);
  const ids = listIn(place, "ids", "an id", isCount);
  const labels = labelsIn(place, ids.length);
  const logQ = listIn(place, "logQ", "the log of a probability from e^-300 on", isLogQ);
  expectLength(place, "logQ", logQ, ids.length);
  return { place, ...request, version: textIn(place, "version"), ids, labels, logQ };
}

function labelsIn(place: Place, count: number): readonly string[] | undefined {
  if (place.value.labels === undefined) return undefined;
  const labels = listIn(place, "labels", "a label", isText);
  expectLength(place, "labels", labels, count);
  return labels;
}

function expectLength(place: Place, field: string, values: readonly unknown[], count: number): void {
  if (values.length !== count) throw wrong(place, field, `${count} values, one an id`, values.length);
}

/**
 * Reads the reward of each class of a request, by the class's id or label. Throws an InputError if there is none: a log of rewards
 * that was cut off would otherwise say that nothing was earned.
 */
export async function readRewards(lines: Lines, file: string): Promise<Rewards> {
  const rewards = new Map<string, { reward: number; line: number }>();
  for await (const place of objects(lines, file)) {
    const drawn = classKey(requestIn(place).key, classIn(place));
    const before = rewards.get(drawn);
    if (before) throw wrong(place, "requestId", `a class that line ${before.line} gives no reward yet`);
    rewards.set(drawn, { reward: numberIn(place, "reward"), line: place.line });
  }
  if (rewards.size > 0) return rewards;
  throw new InputError(`${file}: expected lines with rewards, got none: if nothing was earned, list a reward of 0`);
}

function classIn(place: Place): number | string {
  const { id, label } = place.value;
  if ((id === undefined) === (label === undefined)) throw wrong(place, "id", 'an id, or a "label" instead');
  if (label !== undefined) return textIn(place, "label");
  if (!isCount(id)) throw wrong(place, "id", "an integer from 0");
  return id;
}

/** The key of a class of a request and row, by id or label. */
export const classKey = (key: string, drawn: number | string): string => `${key} ${JSON.stringify(drawn)}`;

/** Reads queries by request and row, for an index with these numbers of dimensions and classes. */
export async function readQueries(
  lines: Lines,
  file: string,
  { dim, itemCount }: { readonly dim: number; readonly itemCount: number },
): Promise<ReadonlyMap<string, PolicyQuery>> {
  const queries = new Map<string, PolicyQuery>();
  for await (const place of objects(lines, file)) {
    const { key } = requestIn(place);
    if (queries.has(key)) throw wrong(place, "requestId", "a request and row that no line has yet");
    const conditions = conditionsIn(place, itemCount);
    queries.set(key, { place: { file, line: place.line }, query: queryIn(place, dim), conditions });
  }
  return queries;
}

function queryIn(place: Place, dim: number): Float32Array | ItemSequence {
  const sequence = sequenceIn(place);
  if (sequence) {
    if (place.value.vector !== undefined) throw wrong(place, "vector", 'nothing beside "sequence"', "both");
    return sequence;
  }
  if (place.value.vector === undefined) throw wrong(place, "vector", 'an array of numbers, or a "sequence" instead');
  const vector = Float32Array.from(listIn(place, "vector", "a number", isNumber));
  if (vector.length !== dim) throw wrong(place, "vector", `${dim} numbers`, vector.length);
  return vector;
}

/** Reads predicted rewards by request and row. */
export async function readPredictions(lines: Lines, file: string): Promise<ReadonlyMap<string, Predictions>> {
  const predictions = new Map<string, Predictions>();
  for await (const place of objects(lines, file)) {
    const { key } = requestIn(place);
    if (predictions.has(key)) throw wrong(place, "requestId", "a request and row that no line has yet");
    const ids = listIn(place, "ids", "an id", isCount);
    if (new Set(ids).size < ids.length) throw wrong(place, "ids", "classes that differ");
    const rewards = listIn(place, "rewards", "a number", isNumber);
    expectLength(place, "rewards", rewards, ids.length);
    const labels = labelsIn(place, ids.length);
    if (labels && new Set(labels).size < ids.length) throw wrong(place, "labels", "classes that differ");
    predictions.set(key, { place, ids, labels, rewards });
  }
  return predictions;
}
