import { largestOf, logSum, scaleTo } from "./log-sums.ts";
import type { PartialArrivals, PartialDraws, PartialKeys, PartialTop, PartialValues } from "./partial-answer.ts";

// Merges of the pieces of answers that list classes. Pieces are in the order of their parts.

/** One class of a piece. */
interface Entry<Piece> {
  readonly piece: Piece;
  readonly at: number;
  readonly order: number;
}

/** Returns the first `count` classes of all pieces by a comparison. Equal ones stay in the order of the parts. */
function firstOf<Piece extends { readonly ids: Int32Array }>(
  pieces: readonly Piece[],
  count: number,
  compare: (a: Entry<Piece>, b: Entry<Piece>) => number,
): Entry<Piece>[] {
  const entries: Entry<Piece>[] = [];
  for (const piece of pieces)
    for (let at = 0; at < piece.ids.length; at++) entries.push({ piece, at, order: entries.length });
  return entries.sort((a, b) => compare(a, b) || a.order - b.order).slice(0, count);
}

/** The classes and scores of entries. */
const classesOf = <Piece extends { readonly ids: Int32Array; readonly scores: Float32Array }>(
  entries: readonly Entry<Piece>[],
) => ({
  ids: Int32Array.from(entries, ({ piece, at }) => piece.ids[at] as number),
  scores: Float32Array.from(entries, ({ piece, at }) => piece.scores[at] as number),
});

/** The k best classes of all parts: higher score first, then lower id, as one index orders them. */
export function mergeTop(tops: readonly PartialTop[], k: number): PartialTop {
  const best = firstOf(
    tops,
    k,
    (a, b) =>
      (b.piece.scores[b.at] as number) - (a.piece.scores[a.at] as number) ||
      (a.piece.ids[a.at] as number) - (b.piece.ids[b.at] as number),
  );
  return { ...classesOf(best), exact: tops.every(({ exact }) => exact) };
}

/** The earliest exact draws of all parts: the streams of parts add up to the stream of all classes. */
export function mergeArrivals(arrivals: readonly PartialArrivals[], draws: number): PartialArrivals {
  const first = firstOf(
    arrivals,
    draws,
    (a, b) => (a.piece.logTimes[a.at] as number) - (b.piece.logTimes[b.at] as number),
  );
  return {
    ...classesOf(first),
    logTimes: Float64Array.from(first, ({ piece, at }) => piece.logTimes[at] as number),
    allowedCount: arrivals.reduce((sum, { allowedCount }) => sum + allowedCount, 0),
  };
}

/** The k largest keys of all parts, and the largest of the others. */
export function mergeKeys(samples: readonly PartialKeys[], k: number): PartialKeys {
  const largest = firstOf(samples, k + 1, (a, b) => (b.piece.keys[b.at] as number) - (a.piece.keys[a.at] as number));
  const kept = largest.slice(0, k);
  const next = largest[k];
  return {
    ...classesOf(kept),
    keys: Float64Array.from(kept, ({ piece, at }) => piece.keys[at] as number),
    logMasses: Float64Array.from(kept, ({ piece, at }) => piece.logMasses[at] as number),
    threshold: largestOf([
      ...samples.map(({ threshold }) => threshold),
      next ? (next.piece.keys[next.at] as number) : Number.NEGATIVE_INFINITY,
    ]),
    exact: samples.every(({ exact }) => exact),
  };
}

/** The log mass of one of several proposals, relative to all of them, added to a log Q of its own, rounded to f32. */
const logQAmong = (logMass: number, logTotal: number, logQ: number): number => Math.fround(logMass - logTotal + logQ);

/** Returns a function that chooses a part by a uniform number in [0, 1), in proportion to the masses. */
export function chooserBy(logMasses: readonly number[]): (uniform: number) => number {
  const top = largestOf(logMasses);
  const ends: number[] = [];
  for (const logMass of logMasses) ends.push((ends.at(-1) ?? 0) + scaleTo(top, logMass));
  const total = ends.at(-1) as number;
  return (uniform) => {
    const found = ends.findIndex((end) => uniform * total < end);
    return found < 0 ? ends.indexOf(total) : found; // rounding may carry a target to the end
  };
}

/**
 * Draws from the proposals of all parts: each takes a part in proportion to the mass of its proposal, and then the next draw of
 * that part. One part answers with as many draws as are asked for, so one question is enough.
 */
export function mergeDraws(
  pieces: readonly PartialDraws[],
  draws: number,
  uniform: (draw: number) => number,
): PartialDraws {
  const logMasses = pieces.map(({ logMass }) => logMass);
  const logTotal = logSum(logMasses);
  if (logTotal === Number.NEGATIVE_INFINITY) return pieces[0] as PartialDraws;
  const partBy = chooserBy(logMasses);
  const ids = new Int32Array(draws);
  const scores = new Float32Array(draws);
  const logQ = new Float32Array(draws);
  const taken = pieces.map(() => 0);
  for (let draw = 0; draw < draws; draw++) {
    const chosen = partBy(uniform(draw));
    const { ids: own, scores: ownScores, logQ: ownLogQ, logMass } = pieces[chosen] as PartialDraws;
    const at = (taken[chosen] as number)++;
    ids[draw] = own[at] as number;
    scores[draw] = ownScores[at] as number;
    logQ[draw] = logQAmong(logMass, logTotal, ownLogQ[at] as number);
  }
  return { ids, scores, logQ, logMass: logTotal };
}

/** Returns the numbers of all classes that the question names. Log Q becomes the one of all parts together. */
export function mergeValues(pieces: readonly PartialValues[], isLogQ: boolean): PartialValues {
  const count = pieces.reduce((sum, { places }) => sum + places.length, 0);
  const logTotal = isLogQ ? logSum(pieces.map(({ logMass }) => logMass)) : 0;
  const order = pieces.flatMap((piece) => Array.from(piece.places, (place, at) => ({ place, at, piece })));
  order.sort((a, b) => a.place - b.place);
  const values = new Float32Array(count);
  for (const [i, { piece, at }] of order.entries()) {
    const value = piece.values[at] as number;
    values[i] = isLogQ && value > Number.NEGATIVE_INFINITY ? logQAmong(piece.logMass, logTotal, value) : value;
  }
  return { places: Int32Array.from(order, ({ place }) => place), values, logMass: logTotal };
}
