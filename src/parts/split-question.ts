import { DEFAULT_DRAWS, DEFAULT_SCAN, type LogitBias } from "../answers/options.ts";
import { isBitmap } from "../index/copied-conditions.ts";
import { DEFAULT_LIMITS } from "../memory/load-options.ts";
import { shareOf } from "./effort-shares.ts";
import type { PartInfo } from "./part.ts";
import { ownBits, ownClasses, type Place } from "./place.ts";
import { ESTIMATES, type Question, type QuestionOptions } from "./question.ts";

/**
 * The fewest draws with which a part estimates its tail, if the call makes as many: on 10,000 words in 32 parts with 100 draws,
 * intervals cover 95.6 % of 1,000 answers if parts make 8 draws, and 97.2 % if they make 16.
 */
const LEAST_DRAWS = 16;

/** A part with its classes among all. */
export interface PlacedPart {
  readonly info: PartInfo;
  readonly place: Place;
  /** The number of classes in the parts before. */
  readonly before: number;
}

/** The question to a part, and the places of its classes among those that the whole question names. */
export interface PartQuestion {
  readonly question: Question;
  readonly places: Int32Array;
}

/**
 * Makes the question to one of several parts with `itemCount` classes: its ids and its share of the effort. A part that is
 * alone has all of it.
 */
export function questionTo(part: PlacedPart, question: Question, itemCount: number | undefined): PartQuestion {
  const { ids, places } = ownClasses(part.place, question.ids);
  const share = itemCount === undefined ? {} : shareOfEffort(part, question, itemCount);
  const options = { ...question.options, ...ownConditions(part.place, question.options), ...share };
  return { question: { ...question, ids, options }, places };
}

/** The conditions with the ids of the part. */
function ownConditions(place: Place, { exclude, allow, bias, history }: QuestionOptions): QuestionOptions {
  return {
    ...(exclude && { exclude: dividedOnce(place, exclude, ownIds) }),
    ...(allow && {
      allow: isBitmap(allow) ? dividedOnce(place, allow, ownBits) : dividedOnce(place, allow, ownIds),
    }),
    ...(bias && { bias: dividedOnce(place, bias, ownBias) }),
    ...(history && { history: dividedOnce(place, history, ownIds) }),
  };
}

const ownIds = (place: Place, ids: ArrayLike<number>): Int32Array => ownClasses(place, ids as Int32Array).ids;

/** Pieces of conditions for a part, by the conditions of all. */
const PIECES = new WeakMap<Place, WeakMap<object, object>>();

/**
 * Divides a condition once for each part, because all queries of a batch may share it. Nobody changes it: it was copied from the
 * arguments of the call.
 */
function dividedOnce<T extends object, Piece extends object>(
  place: Place,
  whole: T,
  divide: (place: Place, whole: T) => Piece,
): Piece {
  const pieces = PIECES.get(place) ?? new WeakMap<object, object>();
  PIECES.set(place, pieces);
  const piece = (pieces.get(whole) as Piece | undefined) ?? divide(place, whole);
  pieces.set(whole, piece);
  return piece;
}

function ownBias(place: Place, bias: LogitBias): LogitBias {
  const { ids, places } = ownClasses(place, bias.ids as Int32Array);
  return { ids, values: Float32Array.from(places, (i) => bias.values[i] as number) };
}

/** The share of the effort that the part has by its classes. The shares of all parts add up to the effort of the call. */
function shareOfEffort(
  { info, before }: PlacedPart,
  { call, size, options }: Question,
  itemCount: number,
): Pick<QuestionOptions, "scan" | "rescore" | "draws"> {
  if (options.exact === true || call === "score" || call === "classes" || call === "decode") return {};
  const range = { before, classes: info.itemCount };
  const { maxScan = DEFAULT_LIMITS.maxScan, maxDraws = DEFAULT_LIMITS.maxDraws } = info;
  const share = (total: number): number => shareOf(total, range, itemCount);
  // Like those of one index, defaults go down to the limits of a part, while what a caller asks for is refused beyond them.
  const scanOf = (scan: number | undefined): number =>
    scan === undefined ? Math.min(share(DEFAULT_SCAN), maxScan) : share(scan);
  const { scan, rescore } = options;
  if (rescore !== undefined) {
    const least = Math.min(rescore, size);
    return { rescore: Math.max(share(rescore), least), ...(typeof scan === "number" && { scan: share(scan) }) };
  }
  if (call === "topK")
    return scan === undefined && info.hasRecallCurve ? {} : { scan: scanOf(scan as number | undefined) };
  const scanned = scan === "auto" ? {} : { scan: scanOf(scan) };
  if (!ESTIMATES.has(call)) return scanned;
  const { draws = DEFAULT_DRAWS } = options;
  const most = options.draws === undefined ? maxDraws : Number.POSITIVE_INFINITY;
  return { ...scanned, draws: Math.min(most, Math.max(share(draws), Math.min(draws, LEAST_DRAWS))) };
}
