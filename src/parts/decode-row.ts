import { withMass } from "../answers/known-mass.ts";
import { exp64, log64 } from "../arithmetic/exp-log.ts";
import { certifiedStages } from "../decode/chain.ts";
import type { Cut } from "../decode/cut.ts";
import type { Decoded } from "../decode/decoded.ts";
import { drawKept } from "../decode/draw-kept.ts";
import { inverseOf } from "../decode/masses.ts";
import { checkLeft } from "../decode/ranked.ts";
import { topWithDrawn } from "../decode/top-with-drawn.ts";
import { DecodeQuestions, type PartedDecode } from "./decode-questions.ts";
import type { Part } from "./part.ts";
import { keepPartedNucleus } from "./parted-nucleus.ts";
import type { PartialAnswer, PartialEstimate, PartialTop } from "./partial-answer.ts";
import { decodeNumber } from "./random-numbers.ts";
import { truncated } from "./ranks.ts";

type Predicted = Promise<{ readonly top: PartialTop; readonly estimate: PartialEstimate }>;

/** Draws one class for a query from the truncated softmax over all parts. RangeError if all classes are filtered out. */
export async function decodeRow(part: Part, request: PartedDecode): Promise<Decoded> {
  const { chain, certain, topCount } = request;
  const { stages } = chain;
  const questions = new DecodeQuestions(part, request);
  const needsMass = stages.length === 0 || stages[0]?.by === "topP" || topCount !== undefined;
  const predicted = needsMass ? questions.predict(topCount ?? 0, certain) : undefined;
  const drawing =
    stages.length === 0
      ? drawUntruncated(questions, predicted as Predicted, request)
      : drawTruncated(questions, predicted, request, part.info.itemCount);
  const [drawn, known] = await Promise.all([drawing, predicted]);
  const { scored } = questions;
  if (topCount === undefined || known === undefined) return { ...drawn, scored };
  const { ids, scores } = known.top;
  const inverse = inverseOf(chain.firstTemperature);
  const top = topWithDrawn({ exp64, log64 }, { ...known.estimate, ids, scores }, drawn, topCount, inverse);
  return { ...drawn, top, scored };
}

/** Draws from the kept classes, with the number that the index of all classes would take. */
async function drawTruncated(
  questions: DecodeQuestions,
  predicted: Predicted | undefined,
  { chain, certain, targetError, seed }: PartedDecode,
  itemCount: number,
): Promise<Decoded> {
  const { stages, temperature } = chain;
  const cut =
    stages[0]?.by === "topP"
      ? await keepPartedNucleus(questions, {
          chain,
          itemCount,
          targetError,
          estimate: (predicted as Predicted).then(({ estimate }) => (certain ? exactOf(estimate) : estimate)),
          exactly: async () => exactOf((await questions.predict(0, true)).estimate),
        })
      : await keepRanks(questions, stages);
  const { queryHash, parts } = questions.source as Pick<PartialAnswer, "queryHash" | "parts">;
  return drawKept({ ...cut, scored: 0 }, temperature, decodeNumber({ seed, queryHash }, parts), seed);
}

/**
 * Returns the log Z of all rows without its error bar. The bar is what rounding can do to large scores, and the nucleus is
 * that of the scores as they are, as in one index. More questions could not make the bar smaller.
 */
const exactOf = (estimate: PartialEstimate): PartialEstimate => ({ ...estimate, standardError: 0 });

/** Keeps the classes that minP and topK keep, and topP after them. */
async function keepRanks(
  questions: DecodeQuestions,
  stages: PartedDecode["chain"]["stages"],
): Promise<Omit<Cut, "scored">> {
  const ranks = await questions.ranks(certifiedStages(stages));
  checkLeft(ranks.ids.length);
  const truncation = truncated(ranks);
  const kept = truncation.keptBy(stages, Number.POSITIVE_INFINITY);
  return { truncation, kept, decided: "bounds", undecided: 0, standardError: 0 };
}

/** Draws from the softmax itself. */
async function drawUntruncated(
  questions: DecodeQuestions,
  predicted: Predicted,
  { chain, seed }: PartedDecode,
): Promise<Decoded> {
  const [drawn, { estimate }] = await Promise.all([questions.draw(), predicted]);
  checkLeft(drawn?.allowedCount ?? 0);
  const { id, score, allowedCount: kept } = drawn as NonNullable<typeof drawn>;
  const logMass = score * inverseOf(chain.temperature);
  const { logPartition, standardError } = withMass(estimate, logMass);
  const logProbability = logMass - logPartition;
  const sure = { kept, certain: true, decided: "exact", undecided: 0 } as const;
  return { id, score, logProbability, ...sure, standardError, seed, scored: 0 };
}
