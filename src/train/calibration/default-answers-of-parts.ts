import { shownFigures } from "../../answers/shown-figures.ts";
import { bandIn } from "../../format/statistics-values.ts";
import { packedBandsOf } from "../../index/build-statistics.ts";
import type { MultiIndex } from "../../index/multi-index.ts";
import { predictionOf } from "../../parts/final-answers.ts";
import { mergeAnswers } from "../../parts/merge.ts";
import type { PartialAnswer } from "../../parts/partial-answer.ts";
import { type HeldPart, placed } from "../../parts/placed-parts.ts";
import type { Question } from "../../parts/question.ts";
import { questionTo } from "../../parts/split-question.ts";
import { type MergedStatistics, mergedStatistics } from "../../publication/merged-statistics.ts";
import { type DefaultAnswer, NO_BAND, NO_CLASS, statisticsOf } from "./query-statistics.ts";

/** The default answers of predict over all parts, which are asked one after the other. */
export class DefaultAnswersOfParts {
  readonly #questions: readonly Question[];
  readonly #itemCount: number;
  /** The merged answers of the parts so far. */
  readonly #answers: PartialAnswer[] = [];
  /** The bands of the best classes of each part, by their ids among all. The band of a class is that within its part. */
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
      const asked = questionTo(held, question, isAlone ? undefined : this.#itemCount);
      const answer = placed(held.part.answer(asked.question) as PartialAnswer, held, asked);
      for (const id of answer.top?.ids ?? []) this.#bandOf[id] = (bandIn(packed, id - held.before) - 1) & NO_BAND;
      const before = this.#answers[i];
      this.#answers[i] = before ? mergeAnswers(question, [before, answer]) : answer;
    }
  }

  /** Summarises the answers. Undefined without queries. */
  statistics(): MergedStatistics | undefined {
    const queryCount = this.#answers.length;
    if (queryCount === 0) return undefined;
    const answers = this.#answers.map((answer, i): DefaultAnswer => {
      const prediction = predictionOf(this.#questions[i] as Question, answer);
      const { ids, logPartition, effectiveSampleSize, headShare, choice } = prediction; // a part that is alone tries again
      return { best: ids[0] ?? NO_CLASS, shown: shownFigures(logPartition, effectiveSampleSize, headShare, choice) };
    });
    const values = statisticsOf(answers, this.#knowsBands ? this.#bandOf : undefined);
    return mergedStatistics({ source: "queries", queryCount }, values, this.#knowsBands);
  }
}
