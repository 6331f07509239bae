import { classesForm } from "./classes-message.ts";
import { estimateForm, type Piece, writeFlag } from "./estimate-message.ts";
import { readLaws, writeLaws } from "./laws-message.ts";
import { ANSWER, beginMessage, openMessage } from "./message.ts";
import type { ElementCheck } from "./message-bytes.ts";
import { MOST_GENERATION, MOST_PARTS } from "./part.ts";
import type {
  PartialAnswer,
  PartialArrivals,
  PartialDraws,
  PartialKeys,
  PartialSlate,
  PartialTop,
  PartialValues,
} from "./partial-answer.ts";

// The binary form of partial answers. Pieces that are there have a bit, and follow in this order.

const INFINITE = Number.POSITIVE_INFINITY;
const MOST_SCORED = Number.MAX_SAFE_INTEGER;

const IDS: ElementCheck = { expected: "0 or more", isGood: (id) => id >= 0 };
const ASCENDING: ElementCheck = {
  expected: "ascending numbers from 0 on",
  isGood: (id, before) => id > (before ?? -1),
};
const numbersOf = (count: number): ElementCheck => ({
  count,
  expected: "numbers",
  isGood: (value) => !Number.isNaN(value),
});
const descendingOf = (count: number): ElementCheck => ({
  count,
  expected: "descending numbers",
  isGood: (value, before = INFINITE) => value <= before,
});
const ascendingOf = (count: number): ElementCheck => ({
  count,
  expected: "ascending numbers",
  isGood: (value, before = -INFINITE) => value >= before,
});

const top: Piece<PartialTop> = {
  write: (writer, { ids, scores, exact }) => {
    writer.numbers(ids);
    writer.numbers(scores);
    writeFlag(writer, exact);
  },
  read: (reader) => {
    const ids = reader.checked("ids", Int32Array<ArrayBuffer>, IDS);
    const scores = reader.checked("scores", Float32Array<ArrayBuffer>, descendingOf(ids.length));
    return { ids, scores, exact: reader.flag("exact") };
  },
};

const draws: Piece<PartialDraws> = {
  write: (writer, { ids, scores, logQ, logMass, laws }) => {
    for (const values of [ids, scores, logQ]) writer.numbers(values);
    writer.double(logMass);
    writeLaws(writer, laws);
  },
  read: (reader) => {
    const ids = reader.checked("ids", Int32Array<ArrayBuffer>, IDS);
    const scores = reader.checked("scores", Float32Array<ArrayBuffer>, numbersOf(ids.length));
    const logQ = reader.checked("logQ", Float32Array<ArrayBuffer>, numbersOf(ids.length));
    const logMass = reader.double("logMass", -INFINITE, Number.MAX_VALUE);
    return { ids, scores, logQ, logMass, ...readLaws(reader, ids.length) };
  },
};

const arrivals: Piece<PartialArrivals> = {
  write: (writer, { ids, scores, logTimes, allowedCount }) => {
    for (const values of [ids, scores, logTimes]) writer.numbers(values);
    writer.double(allowedCount);
  },
  read: (reader) => {
    const ids = reader.checked("ids", Int32Array<ArrayBuffer>, IDS);
    const scores = reader.checked("scores", Float32Array<ArrayBuffer>, numbersOf(ids.length));
    const logTimes = reader.checked("logTimes", Float64Array<ArrayBuffer>, ascendingOf(ids.length));
    return { ids, scores, logTimes, allowedCount: reader.double("allowedCount", 0, Number.MAX_SAFE_INTEGER) };
  },
};

const keys: Piece<PartialKeys> = {
  write: (writer, piece) => {
    for (const values of [piece.ids, piece.scores, piece.keys, piece.logMasses]) writer.numbers(values);
    writer.double(piece.threshold);
    writeFlag(writer, piece.exact);
  },
  read: (reader) => {
    const ids = reader.checked("ids", Int32Array<ArrayBuffer>, IDS);
    const scores = reader.checked("scores", Float32Array<ArrayBuffer>, numbersOf(ids.length));
    const own = reader.checked("keys", Float64Array<ArrayBuffer>, descendingOf(ids.length));
    const logMasses = reader.checked("logMasses", Float64Array<ArrayBuffer>, numbersOf(ids.length));
    const threshold = reader.double("threshold", -INFINITE, own.at(-1) ?? INFINITE);
    return { ids, scores, keys: own, logMasses, threshold, exact: reader.flag("exact") };
  },
};

const values: Piece<PartialValues> = {
  write: (writer, piece) => {
    writer.numbers(piece.places);
    writer.numbers(piece.values);
    writer.double(piece.logMass);
    writeLaws(writer, piece.laws);
  },
  read: (reader) => {
    const places = reader.checked("places", Int32Array<ArrayBuffer>, ASCENDING);
    const own = reader.checked("values", Float32Array<ArrayBuffer>, numbersOf(places.length));
    const logMass = reader.double("logMass", -INFINITE, Number.MAX_VALUE);
    return { places, values: own, logMass, ...readLaws(reader, places.length) };
  },
};

const slate: Piece<PartialSlate> = {
  write: (writer, piece) => {
    writer.numbers(piece.places);
    writer.numbers(piece.logs);
    for (const value of [piece.logRest, piece.logMass]) writer.double(value);
    writeFlag(writer, piece.exact);
  },
  read: (reader) => {
    const places = reader.checked("places", Int32Array<ArrayBuffer>, ASCENDING);
    const logs = reader.checked("logs", Float64Array<ArrayBuffer>, numbersOf(places.length));
    const logRest = reader.double("logRest", -INFINITE, Number.MAX_VALUE);
    return {
      places,
      logs,
      logRest,
      logMass: reader.double("logMass", -INFINITE, Number.MAX_VALUE),
      exact: reader.flag("exact"),
    };
  },
};

const PIECES = { top, estimate: estimateForm, draws, arrivals, keys, values, slate, classes: classesForm } as const;
const NAMES = /* @__PURE__ */ Object.keys(PIECES) as (keyof typeof PIECES)[];

/**
 * Writes a partial answer as bytes, for a router on another machine.
 *
 * @param answer a partial answer
 * @returns the message, which `decodeAnswer` reads
 *
 * @example
 * const question: Question = { call: "topK", query, size: 10, ids: new Int32Array(0), options: { exact: true } };
 * const message = encodeAnswer(await partOf(index).answer(question));
 */
export function encodeAnswer(answer: PartialAnswer): Uint8Array<ArrayBuffer> {
  const writer = beginMessage(ANSWER, answer.call);
  writer.numbers(new Int32Array(answer.parts));
  writer.text(answer.generation);
  writer.long(answer.queryHash);
  writer.double(answer.scored);
  writer.byte(NAMES.reduce((bits, name, i) => bits + (answer[name] === undefined ? 0 : 2 ** i), 0));
  for (const name of NAMES) {
    const piece = answer[name];
    if (piece !== undefined) (PIECES[name] as Piece<unknown>).write(writer, piece);
  }
  return writer.end();
}

/**
 * Reads a partial answer. Every length is checked before anything is read, and every number that a merge relies on.
 *
 * @param message what `encodeAnswer` wrote
 * @returns the partial answer
 * @throws RangeError for bytes that are no answer, cut short, followed by others, or of another version, and for impossible
 * numbers
 *
 * @example
 * const question: Question = { call: "topK", query, size: 10, ids: new Int32Array(0), options: { exact: true } };
 * const { top } = decodeAnswer(encodeAnswer(await partOf(index).answer(question)));
 */
export function decodeAnswer(message: Uint8Array): PartialAnswer {
  const { reader, call } = openMessage(message, ANSWER);
  const parts = Array.from(reader.checked("parts", Int32Array<ArrayBuffer>, ASCENDING));
  if (parts.length === 0 || parts.length > MOST_PARTS) reader.refuse("parts", `1 to ${MOST_PARTS}`, parts.length);
  const generation = reader.text("generation", MOST_GENERATION);
  const queryHash = reader.long("queryHash");
  const scored = reader.double("scored", 0, MOST_SCORED);
  const bits = reader.byte("pieces", 2 ** NAMES.length - 1);
  const pieces: Record<string, unknown> = {};
  for (const [i, name] of NAMES.entries()) if (((bits >>> i) & 1) === 1) pieces[name] = PIECES[name].read(reader);
  reader.end();
  return { call, parts, generation, queryHash, scored, ...pieces };
}
