import { storedCodes } from "../answers/stored-rows.ts";
import type { MultiIndex } from "../index/multi-index.ts";
import { labelsOf, openedOf } from "./opened-of.ts";
import type { ClassMetadata, PartialAnswer, PartialClasses } from "./partial-answer.ts";
import type { Question, QuestionOptions } from "./question.ts";

// Labels and rows of classes, which answers carry along so that nobody has to ask for them once more.

/** The stored values of classes that are wanted. */
export type Wanted = Pick<QuestionOptions, "withLabels" | "withRows" | "withDirections" | "withMetadata" | "labels">;

/** Tells whether an answer has to carry something stored of its classes. */
export const carriesClasses = ({ call, options }: Pick<Question, "call" | "options">): boolean =>
  call === "classes" ||
  [options.withLabels, options.withRows, options.withDirections, options.withMetadata].includes(true);

/** The classes that an answer lists, some of them perhaps more than once. */
export function listedIds({ top, draws, arrivals, keys }: Partial<PartialAnswer>): Iterable<number> {
  return (top ?? draws ?? arrivals ?? keys)?.ids ?? [];
}

/** Reads the wanted values of classes of a loaded index, named by these ids and these labels. */
export function storedClasses(
  index: MultiIndex,
  listed: Iterable<number>,
  { withLabels, withRows, withDirections, withMetadata, labels = [] }: Wanted,
): PartialClasses {
  const named = labels.length === 0 ? [] : labels.flatMap((label) => labelsOf(index).find(label) ?? []);
  const ids = Int32Array.from(new Set([...listed, ...named])).sort();
  return {
    ids,
    ...(withLabels && { labels: index.labels(ids) }),
    ...(withRows && { rows: index.rows(ids) }),
    ...(withDirections && { directions: storedCodes(openedOf(index), ids) ?? index.rows(ids) }),
    ...(withMetadata && { metadata: index.metadata(ids) }),
  };
}

/**
 * Checks that an answer of a part carries what the question asks for, about all classes that it lists. RangeError if it does
 * not, because nothing else would show that a label is missing.
 */
export function checkClasses(question: Question, answer: PartialAnswer, dim: number): void {
  if (!carriesClasses(question)) return;
  const { classes } = answer;
  const { withLabels, withRows, withDirections, withMetadata } = question.options;
  const name = `an answer of part ${answer.parts[0] ?? 0}`;
  if (classes === undefined) throw new RangeError(`${name} expected "classes", got none`);
  const { ids, labels, rows, directions, metadata } = classes;
  if (withLabels && labels?.length !== ids.length) throw new RangeError(`${name} expected labels, got none`);
  if (withRows && rows?.length !== ids.length * dim) throw new RangeError(`${name} expected rows of ${dim} values`);
  if (withDirections && directions?.length !== ids.length * dim)
    throw new RangeError(`${name} expected directions of ${dim} values`);
  if (withMetadata && metadata?.length !== ids.length) throw new RangeError(`${name} expected metadata, got none`);
  const known = new Set(ids);
  for (const id of question.call === "classes" ? question.ids : listedIds(answer)) {
    if (!known.has(id)) throw new RangeError(`${name} expected "classes" to have class ${id}, got others`);
  }
}

/** One class of a piece. */
interface Entry {
  readonly id: number;
  readonly at: number;
  readonly piece: PartialClasses;
}

/** Puts together the values that parts carry, for the classes that the merged answer lists. */
export function mergeClasses(pieces: readonly PartialClasses[], listed: Iterable<number> | undefined): PartialClasses {
  const kept = listed && new Set(listed);
  const entries = pieces.flatMap((piece) => Array.from(piece.ids, (id, at): Entry => ({ id, at, piece })));
  const all = entries.filter(({ id }) => kept?.has(id) ?? true).sort((a, b) => a.id - b.id);
  const hasLabels = pieces.every(({ labels }) => labels !== undefined);
  const hasRows = pieces.every(({ rows }) => rows !== undefined);
  const hasMetadata = pieces.every(({ metadata }) => metadata !== undefined);
  const directions = pieces.map((piece) => piece.directions);
  const areCodes = directions.every((each) => each instanceof Int8Array);
  const type: new (length: number) => Float32Array | Int8Array = areCodes ? Int8Array : Float32Array;
  return {
    ids: Int32Array.from(all, ({ id }) => id),
    ...(hasLabels && { labels: all.map(({ at, piece }) => piece.labels?.[at] as string) }),
    ...(hasRows && { rows: gathered(all, Float32Array, ({ rows }) => rows) }),
    ...(!directions.includes(undefined) && { directions: gathered(all, type, (piece) => piece.directions) }),
    ...(hasMetadata && { metadata: all.map(({ at, piece }) => piece.metadata?.[at] as ClassMetadata) }),
  };
}

/** Puts the values of classes end to end. Each class has the same number. */
function gathered<T extends Float32Array | Int8Array>(
  entries: readonly Entry[],
  type: new (length: number) => T,
  valuesOf: (piece: PartialClasses) => Float32Array | Int8Array | undefined,
): T {
  const [first] = entries;
  const dim = first ? (valuesOf(first.piece)?.length ?? 0) / first.piece.ids.length : 0;
  const values = new type(entries.length * dim);
  for (const [i, { at, piece }] of entries.entries()) {
    values.set(valuesOf(piece)?.subarray(at * dim, (at + 1) * dim) ?? [], i * dim);
  }
  return values;
}
