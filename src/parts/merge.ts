import { DEFAULT_DRAWS } from "../answers/options.ts";
import { shown } from "../checks/check.ts";
import { carriesClasses, listedIds, mergeClasses } from "./classes.ts";
import { mergeArrivals, mergeDraws, mergeKeys, mergeTop, mergeValues } from "./merge-classes.ts";
import { mergeEstimates } from "./merge-estimates.ts";
import { mergeMixedDraws, mergeMixedValues } from "./merge-mixtures.ts";
import { checkLaws, mergedMixture } from "./mixtures.ts";
import type { PartialAnswer } from "./partial-answer.ts";
import type { Question } from "./question.ts";
import { choiceNumbers } from "./random-numbers.ts";
import { mergeRanks } from "./ranks.ts";
import { mergeSlates } from "./slates.ts";

type PieceName = "top" | "estimate" | "draws" | "arrivals" | "keys" | "values" | "slate" | "classes";

/** Returns the pieces that answer a question. */
function piecesOf(question: Pick<Question, "call" | "options">): readonly PieceName[] {
  const { call, options } = question;
  const own = call === "sample" ? ([options.exact === true ? "arrivals" : "draws"] as const) : PIECES[call];
  return carriesClasses(question) ? [...own, "classes"] : own;
}

const PIECES = {
  topK: ["top"],
  predict: ["top", "estimate"],
  logPartition: ["estimate"],
  logProbability: ["estimate", "values"],
  sampleTopK: ["keys"],
  score: ["values"],
  logQ: ["values"],
  slateLogProbability: ["slate"],
  classes: [],
  decode: ["top"],
} as const satisfies Record<string, readonly PieceName[]>;

/**
 * Merges partial answers to one question, whose ids are those of all classes, into one. The answer of all parts is that of one
 * index of all their classes, as docs/parts.md says for each call; the answer of one part stays as it is. The result can be
 * merged again.
 *
 * @param question the question that all of them answer
 * @param answers at least one, of different parts, in the order of the parts
 * @returns the answer of all these parts
 * @throws RangeError for answers to another question, of another generation, of a part that is there twice, or with pieces
 *   missing
 *
 * @example
 * const ids = new Int32Array(0);
 * const question: Question = { call: "topK", query, size: 10, ids, options: { exact: true } };
 * const { top } = mergeAnswers(question, [await partOf(index).answer(question)]);
 */
export function mergeAnswers(question: Question, answers: readonly PartialAnswer[]): PartialAnswer {
  const [first] = answers;
  if (first === undefined) throw new RangeError('"answers" expected at least one, got none');
  checkAnswers(question, answers, first);
  if (answers.length === 1) return first;
  const { call, size, options } = question;
  const { seed = 0n } = options;
  const { queryHash, generation } = first;
  const parts = answers.flatMap((answer) => answer.parts).sort((a, b) => a - b);
  const all = <Name extends PieceName>(name: Name): NonNullable<PartialAnswer[Name]>[] =>
    answers.map((answer) => answer[name] as NonNullable<PartialAnswer[Name]>);
  const names = piecesOf(question);
  const mixture = mergedMixture(options, { seed, queryHash });
  const uniform = choiceNumbers({ seed, queryHash }, parts);
  const merged: PartialAnswer = {
    call,
    parts,
    generation,
    queryHash,
    scored: answers.reduce((sum, { scored }) => sum + scored, 0),
    ...(names.includes("top") && {
      top: call === "decode" ? mergeRanks(all("top"), question) : mergeTop(all("top"), size),
    }),
    ...(names.includes("estimate") && { estimate: mergeEstimates(all("estimate"), options.draws ?? DEFAULT_DRAWS) }),
    ...(names.includes("draws") && {
      draws: mixture ? mergeMixedDraws(all("draws"), size, mixture, uniform) : mergeDraws(all("draws"), size, uniform),
    }),
    ...(names.includes("arrivals") && { arrivals: mergeArrivals(all("arrivals"), size) }),
    ...(names.includes("keys") && { keys: mergeKeys(all("keys"), size) }),
    ...(names.includes("slate") && { slate: mergeSlates(all("slate")) }),
    ...(names.includes("values") && {
      values: mixture ? mergeMixedValues(all("values"), mixture) : mergeValues(all("values"), call === "logQ"),
    }),
  };
  if (!names.includes("classes")) return merged;
  return { ...merged, classes: mergeClasses(all("classes"), call === "classes" ? undefined : listedIds(merged)) };
}

/** Refuses answers that do not belong together. */
function checkAnswers(question: Question, answers: readonly PartialAnswer[], first: PartialAnswer): void {
  const places = new Map<number, number>();
  for (const [i, answer] of answers.entries()) {
    const name = `"answers"[${i}]`;
    if (answer.call !== question.call) {
      throw new RangeError(`${name} expected an answer to ${question.call}, got one to ${shown(answer.call)}`);
    }
    if (answer.queryHash !== first.queryHash) {
      throw new RangeError(`${name} expected an answer to the query of "answers"[0], got one to another query`);
    }
    if (answer.generation !== first.generation) {
      const { generation } = answer;
      throw new RangeError(
        `${name} expected generation ${shown(first.generation)}, got ${shown(generation)}: ask again`,
      );
    }
    for (const part of answer.parts) {
      const before = places.get(part);
      if (before !== undefined) {
        throw new RangeError(`${name} expected parts of its own, got part ${part}, which answered in [${before}]`);
      }
      places.set(part, i);
    }
    for (const piece of piecesOf(question)) {
      if (answer[piece] === undefined) throw new RangeError(`${name} expected "${piece}", got none`);
    }
    checkCounts(name, question, answer);
  }
}

/** Refuses pieces with fewer classes than a merge may need: nothing would show that the rest is missing. */
function checkCounts(
  name: string,
  { size, options }: Question,
  { draws, arrivals, keys, values }: PartialAnswer,
): void {
  if (draws) checkLaws(name, options, draws.ids.length, draws.laws);
  if (values) checkLaws(name, options, values.places.length, values.laws);
  const drawn = arrivals?.ids ?? draws?.ids;
  const hasMass = arrivals ? arrivals.ids.length > 0 : draws !== undefined && draws.logMass > Number.NEGATIVE_INFINITY;
  if (drawn && hasMass && drawn.length < size) {
    throw new RangeError(`${name} expected ${size} draws, got ${drawn.length}`);
  }
  if (keys && keys.threshold > Number.NEGATIVE_INFINITY && keys.ids.length < size) {
    throw new RangeError(`${name} expected ${size} keys, got ${keys.ids.length} above a threshold`);
  }
}
