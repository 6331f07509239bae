import type { BatchOption, ConditionOptions, SeedOption } from "../answers/options.ts";
import type { DiversityOption } from "../answers/recommend-options.ts";
import { checkCount, type Vector } from "../checks/check.ts";
import { callOptions } from "../index/call-options.ts";
import { copyIds, copyQueries, copySlate } from "../index/copied-arguments.ts";
import { copyEachConditions } from "../index/copied-conditions.ts";
import { seeded } from "../index/seeded.ts";
import {
  type ConditionFacts,
  copyEffort,
  copyQuestionConditions,
  DRAWS,
  effortWithoutCurves,
} from "./copied-question.ts";
import { diversified, partedDiversity } from "./diverse-top.ts";
import { askEach, type ChangingParts } from "./one-state.ts";
import type { PartialAnswer } from "./partial-answer.ts";
import type { QueryCall, Question, QuestionOptions } from "./question.ts";

/** The arguments of a call beside its query and options. */
export interface CallArguments {
  /** k, or the number of draws, and its name. */
  readonly size?: readonly [name: "k" | "draws", count: number];
  readonly ids?: ArrayLike<number>;
  /** True if a curve says what effort a recall needs. */
  readonly hasCurve: boolean;
}

const NO_IDS = new Int32Array(0);

/** Checks and copies the arguments of a call, and asks the parts one question for each query. */
export async function askParts<T>(
  parted: ChangingParts,
  call: QueryCall,
  query: Vector,
  rawOptions: ConditionOptions & Partial<BatchOption>,
  args: CallArguments,
  answerOf: (question: Question, answer: PartialAnswer) => T,
): Promise<T | T[]> {
  const { info } = parted;
  const { size: [name, count] = ["k", 0], hasCurve } = args;
  const checked = callOptions(call, rawOptions);
  const { batch } = checked;
  const copyClasses = call === "slateLogProbability" ? copySlate : copyNamed;
  const given = copyEffort(call, checked);
  const effort = hasCurve ? given : effortWithoutCurves(given);
  const effortAt = DRAWS.has(call) ? seeded(checked as SeedOption, effort) : (): QuestionOptions => effort;
  const size = sizeOf(name, count, info.itemCount);
  const { lambda, pool } = partedDiversity(size, (checked as DiversityOption).diversity, info);
  const asked = {
    call,
    size: pool,
    ids: "ids" in args ? copyClasses(args.ids as ArrayLike<number>, info.itemCount) : NO_IDS,
  };
  const rows = copyRows(checked, info);
  const queries = copyQueries(query, info.dim, batch, Number.MAX_SAFE_INTEGER, new Float32Array(info.dim));
  return askEach(parted, batch, async (part, row) => {
    const options = { ...effortAt(row), ...rows[row % rows.length] };
    const question = { ...asked, query: queries.slice(row * info.dim, (row + 1) * info.dim), options };
    const answer = await part.answer(question);
    return answerOf(question, await diversified(part, answer, size, lambda));
  });
}

const copyNamed = (ids: ArrayLike<number>, itemCount: number): Int32Array => copyIds("ids", ids, itemCount);

/** Checks k, which is at most the number of classes, or the number of draws. */
function sizeOf(name: "k" | "draws", count: number, itemCount: number): number {
  checkCount(name, count, Number.MAX_SAFE_INTEGER, "2^53 − 1");
  return name === "k" ? Math.min(count, itemCount) : count;
}

/** Copies the conditions of a call: one for all queries, or those of each query of a batch. */
export function copyRows(
  options: ConditionOptions & Partial<BatchOption>,
  info: ConditionFacts,
): readonly ConditionOptions[] {
  const { batch, conditions } = options;
  if (conditions === undefined) return [copyQuestionConditions(options, info)];
  return copyEachConditions(conditions, batch, (own, prefix) => copyQuestionConditions(own, info, prefix));
}
