import { shownFigures } from "../../answers/shown-figures.ts";
import { bandIn } from "../../format/statistics-values.ts";
import { packedBandsOf } from "../../index/build-statistics.ts";
import type { MultiIndex } from "../../index/multi-index.ts";
import { furtherAnswer, furtherQuestions } from "../../parts/further-questions.ts";
import { mergeAnswers } from "../../parts/merge.ts";
import { type Bars, withBars } from "../../parts/merged-bars.ts";
import type { PartialAnswer, PartialEstimate } from "../../parts/partial-answer.ts";
import { type HeldPart, placed } from "../../parts/placed-parts.ts";
import type { Question } from "../../parts/question.ts";
import { questionTo } from "../../parts/split-question.ts";
import { type MergedStatistics, mergedStatistics } from "../../publication/merged-statistics.ts";
import { type DefaultAnswer, NO_BAND, NO_CLASS, statisticsOf } from "./query-statistics.ts";

const barred = (answer: PartialAnswer, bars: Bars | undefined): PartialAnswer =>
  bars && answer.estimate && answer.parts.length > 1
    ? { ...answer, estimate: withBars(answer.estimate, bars) }
    : answer;

/** The default answers of predict over all parts, which are asked one after the other, and again where answers are flagged. */
export class DefaultAnswersOfParts {
  readonly #itemCount: number;
  /** The questions of this round, by query. Undefined where the answer is known. */
  #questions: (Question | undefined)[];
  /** The questions of the rounds to come, by query. Undefined in the first round. */
  #further: (readonly Question[])[] | undefined;
  /** The merged answers of the parts so far, by query. */
  #answers: PartialAnswer[] = [];
  /** The answers of the rounds before, by query. */
  #before: readonly PartialAnswer[] = [];
  /** The band of the best classes of each part, by their ids among all. The band of a class is that within its part. */
  readonly #bandOf: Record<number, number> = {};
  #knowsBands = false;

  /** Queries are f32 (n, dim). */
  constructor({ queries, dim }: { readonly queries: Float32Array; readonly dim: number }, itemCount: number) {
    this.#itemCount = itemCount;
    this.#questions = Array.from({ length: queries.length / dim }, (_, i): Question => {
      const query = queries.subarray(i * dim, (i + 1) * dim);
      return { call: "predict", query, size: 1, ids: new Int32Array(0), options: { seed: 0n } };
    });
  }

  /** Asks a part as a PartedIndex of all parts asks it. */
  add(held: HeldPart, index: MultiIndex): void {
    const isAlone = this.#itemCount === held.info.itemCount;
    const packed = packedBandsOf(index);
    this.#knowsBands ||= packed.length > 0;
    for (const [i, question] of this.#questions.entries()) {
      if (question === undefined) continue;
      const asked = questionTo(held, question, isAlone ? undefined : this.#itemCount);
      const answer = placed(held.part.answer(asked.question) as PartialAnswer, held, asked);
      for (const id of answer.top?.ids ?? []) this.#bandOf[id] = (bandIn(packed, id - held.before) - 1) & NO_BAND;
      const before = this.#answers[i];
      this.#answers[i] = before ? mergeAnswers(question, [before, answer]) : answer;
    }
  }

  /** Ends a round. Returns true if some parts have to be asked again. `bars` are those of merged answers. */
  startNext(bars: Bars | undefined): boolean {
    const before = this.#before;
    this.#before = this.#questions.map((question, i) => {
      const known = before[i] as PartialAnswer;
      if (question === undefined) return known;
      const answer = barred(this.#answers[i] as PartialAnswer, bars);
      return this.#further ? furtherAnswer(question, known, answer) : answer;
    });
    this.#further ??= this.#before.map((answer, i) =>
      furtherQuestions(this.#questions[i] as Question, answer, { numbers: answer.parts, itemCount: this.#itemCount }),
    );
    this.#questions = this.#further.map((left, i) => (this.#before[i]?.estimate?.lowEss ? left[0] : undefined));
    this.#further = this.#further.map((left) => left.slice(1));
    this.#answers = [];
    return this.#questions.some((question) => question !== undefined);
  }

  /** Summarises the answers, after all rounds. Undefined without queries. */
  statistics(): MergedStatistics | undefined {
    const queryCount = this.#before.length;
    if (queryCount === 0) return undefined;
    const answers = this.#before.map(({ estimate, top }): DefaultAnswer => {
      const { logPartition, effectiveSampleSize, headShare, choice } = estimate as PartialEstimate;
      const ids = top?.ids ?? [];
      return { best: ids[0] ?? NO_CLASS, shown: shownFigures(logPartition, effectiveSampleSize, headShare, choice) };
    });
    const values = statisticsOf(answers, this.#knowsBands ? this.#bandOf : undefined);
    return mergedStatistics({ source: "queries", queryCount }, values, this.#knowsBands);
  }
}
