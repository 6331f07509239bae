import { checkArray, shown } from "../checks/check.ts";
import { optionsWithoutNull } from "../checks/known-options.ts";
import { checkClasses } from "./classes.ts";
import { MOST_PARTS, type Part, type PartInfo } from "./part.ts";
import type { PartialAnswer } from "./partial-answer.ts";
import { idsAmongAll } from "./place.ts";
import type { Question } from "./question.ts";
import { type PartQuestion, type PlacedPart, questionTo } from "./split-question.ts";

/** A part with the ids that its classes have among all. */
export interface PartPlacement {
  /** The part. */
  readonly part: Part;
  /** The id of each class of the part, ascending. Default: the ids behind those of the part before. */
  readonly ids?: ArrayLike<number>;
}

/** A part that can be asked, in its place. */
export interface HeldPart extends PlacedPart {
  readonly part: Part;
}

/** The number of ids that i32 has. */
const MOST_CLASSES = 2 ** 31 - 1;

/** Checks that parts belong together and that every class is in one of them. */
export function placeParts(placements: readonly (Part | PartPlacement)[]): HeldPart[] {
  checkArray("parts", placements, "parts");
  if (placements.length === 0) throw new RangeError('"parts" expected at least one part, got none');
  const held: HeldPart[] = [];
  const numbers = new Map<number, number>();
  let before = 0;
  for (const [i, placement] of Array.from(placements).entries()) {
    const name = `parts[${i}]`;
    const { part, ids } = readPlacement(placement, name);
    const { info } = part;
    checkAlike(name, info, held[0]?.info ?? info);
    checkSpace(name, info, held);
    for (const number of info.numbers) {
      const other = numbers.get(number);
      if (other !== undefined) {
        throw new RangeError(`"${name}" expected numbers of its own, got ${number}, which "parts[${other}]" has`);
      }
      numbers.set(number, i);
    }
    const table = ids === undefined ? undefined : copyTable(`${name}.ids`, ids, info.itemCount);
    held.push({ part, info, place: { count: info.itemCount, first: before, table }, before });
    before += info.itemCount;
  }
  if (numbers.size > MOST_PARTS) throw new RangeError(`"parts" expected at most ${MOST_PARTS}, got ${numbers.size}`);
  if (before > MOST_CLASSES) throw new RangeError(`"parts" expected at most ${MOST_CLASSES} classes, got ${before}`);
  checkCover(held, before);
  return held;
}

function readPlacement(placement: Part | PartPlacement, name: string): PartPlacement {
  if (typeof placement !== "object" || placement === null) {
    throw new TypeError(`"${name}" expected a part, got ${shown(placement)}: make one of an index with partOf`);
  }
  const isPart = "answer" in placement || !("part" in placement);
  const read = isPart ? { part: placement } : optionsWithoutNull("parts", placement, ["part", "ids"], name);
  const part = read.part as Part | undefined;
  if (typeof part?.answer !== "function" || typeof part.info !== "object") {
    throw new TypeError(`"${name}" expected a part, got ${shown(part)}: make one of an index with partOf`);
  }
  return read as PartPlacement;
}

function checkAlike(name: string, info: PartInfo, first: PartInfo): void {
  for (const fact of ["dim", "metric"] as const) {
    if (info[fact] === first[fact]) continue;
    throw new RangeError(`"${name}" expected ${fact} ${first[fact]} as in "parts[0]", got ${info[fact]}`);
  }
}

/** Refuses a part of another space than that of a part before. Parts that name no space are not compared. */
function checkSpace(name: string, { space }: PartInfo, before: readonly HeldPart[]): void {
  const other = before.findIndex(({ info }) => (info.space ?? space) !== space);
  if (space === undefined || other < 0) return;
  const expected = shown(before[other]?.info.space);
  throw new RangeError(`"${name}" expected space ${expected} as in "parts[${other}]", got ${shown(space)}`);
}

function copyTable(name: string, ids: ArrayLike<number>, itemCount: number): Int32Array {
  checkArray(name, ids, "integers");
  if (ids.length !== itemCount) {
    throw new RangeError(`"${name}" expected ${itemCount} ids, one for each class of the part, got ${ids.length}`);
  }
  const table = new Int32Array(itemCount);
  for (let i = 0; i < itemCount; i++) {
    const id: unknown = ids[i];
    const least = i === 0 ? 0 : (table[i - 1] as number) + 1;
    if (!(typeof id === "number" && Number.isInteger(id) && id >= least && id <= MOST_CLASSES)) {
      throw new RangeError(
        `"${name}"[${i}] expected an integer from ${least} on, in ascending order, got ${shown(id)}`,
      );
    }
    table[i] = id;
  }
  return table;
}

/** Every id up to the number of classes must be in exactly one part. */
function checkCover(held: readonly HeldPart[], itemCount: number): void {
  if (held.every(({ place }) => place.table === undefined)) return;
  const isSeen = new Uint8Array(itemCount);
  for (const [i, { place }] of held.entries()) {
    const { count, first, table } = place;
    for (let k = 0; k < count; k++) {
      const id = table === undefined ? first + k : (table[k] as number);
      if (id >= itemCount) {
        throw new RangeError(`"parts[${i}].ids"[${k}] expected an id in 0..${itemCount - 1}, got ${id}`);
      }
      if (isSeen[id] === 1) throw new RangeError(`"parts[${i}].ids"[${k}] expected an id of its own, got ${id} again`);
      isSeen[id] = 1;
    }
  }
}

/** Asks a part one question of all, and gives its answer the ids among all. A part that is alone has no `itemCount`. */
export async function askPlaced(
  held: HeldPart,
  question: Question,
  itemCount: number | undefined,
): Promise<PartialAnswer> {
  const asked = questionTo(held, question, itemCount);
  try {
    return placed(await held.part.answer(asked.question), held, asked);
  } catch (error) {
    throw removedAmongAll(error, held, question.ids);
  }
}

/** Names a class that changes have removed, in the error of a part, by its id among all and its place among these `ids`. */
function removedAmongAll(error: unknown, { place }: PlacedPart, ids: Int32Array): unknown {
  if (!(error instanceof RangeError)) return error;
  error.message = error.message.replace(
    /^"ids"\[\d+\](.+), got (\d+)(?=, which was removed$)/,
    (_, expected: string, own: string) => {
      const [id = -1] = idsAmongAll(place, Int32Array.of(Number(own)), 0);
      return `"ids"[${ids.indexOf(id)}]${expected}, got ${id}`;
    },
  );
  return error;
}

/** Gives an answer of a part the ids that its classes have among all. */
export function placed(
  answer: PartialAnswer,
  { place, info }: PlacedPart,
  { places, question }: PartQuestion,
): PartialAnswer {
  checkClasses(question, answer, info.dim);
  const { top, draws, arrivals, keys, values, slate, classes } = answer;
  const part = answer.parts[0] ?? 0;
  const moved = <Piece extends { readonly ids: Int32Array }>(piece: Piece): Piece => ({
    ...piece,
    ids: idsAmongAll(place, piece.ids, part),
  });
  const named = <Piece extends { readonly places: Int32Array }>(piece: Piece): Piece => {
    if (piece.places.length !== places.length || piece.places.some((at, i) => at !== i)) {
      throw new RangeError(`an answer of part ${part} expected a value for each of ${places.length} asked classes`);
    }
    return { ...piece, places };
  };
  return {
    ...answer,
    ...(top && { top: moved(top) }),
    ...(draws && { draws: moved(draws) }),
    ...(arrivals && { arrivals: moved(arrivals) }),
    ...(keys && { keys: moved(keys) }),
    ...(values && { values: named(values) }),
    ...(slate && { slate: named(slate) }),
    ...(classes && { classes: moved(classes) }),
  };
}
