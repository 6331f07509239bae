import type { ConditionOptions } from "../answers/options.ts";
import { shown } from "../checks/check.ts";
import type { Stage } from "../decode/chain.ts";
import type { DecodeRequest } from "../decode/decode.ts";
import type { Part } from "./part.ts";
import type { PartialAnswer, PartialArrivals, PartialEstimate, PartialTop } from "./partial-answer.ts";
import type { QuestionCall, QuestionOptions } from "./question.ts";

/** A call of decode over parts with one query. */
export interface PartedDecode extends Omit<DecodeRequest, "maxK"> {
  readonly query: Float32Array;
  /** The conditions, with the temperature of the first truncation. */
  readonly conditions: ConditionOptions;
}

const NO_IDS = new Int32Array(0);

/** The questions that one call of decode asks all parts. */
export class DecodeQuestions {
  /** The number of rows read for the answers so far. */
  scored = 0;
  /** The source of the call's random numbers, once there is an answer. */
  source: Pick<PartialAnswer, "queryHash" | "parts"> | undefined;
  private readonly part: Part;
  private readonly request: PartedDecode;
  private generation: string | undefined;

  constructor(part: Part, request: PartedDecode) {
    this.part = part;
    this.request = request;
  }

  /** Asks for all classes that stages of minP and topK can keep. */
  async ranks(stages: readonly Stage[]): Promise<PartialTop> {
    const { maxRanked } = this.request;
    const least = stages.find(({ by }) => by === "minP");
    const size = stages.find(({ by }) => by === "topK")?.value ?? 0;
    const answer = await this.ask("decode", size, {
      ...(maxRanked < MOST_COUNT && { maxRanked }),
      ...(least && { minP: least.value, temperature: least.temperature }),
    });
    return answer.top as PartialTop;
  }

  /** Asks for log Z at the temperature of the first truncation, and for the n best classes. */
  async predict(
    count: number,
    exact: boolean,
  ): Promise<{ readonly top: PartialTop; readonly estimate: PartialEstimate }> {
    const { seed } = this.request;
    const { top, estimate } = await this.ask("predict", count, { seed, ...(exact && { exact }) });
    return { top: top as PartialTop, estimate: estimate as PartialEstimate };
  }

  /** Asks for a draw from the softmax itself, and for the number of classes in it; undefined if all are filtered out. */
  async draw(): Promise<{ readonly id: number; readonly score: number; readonly allowedCount: number } | undefined> {
    const { arrivals } = await this.ask("sample", 1, { seed: this.request.seed, exact: true });
    const [id, score] = [arrivals?.ids[0], arrivals?.scores[0]];
    if (id === undefined || score === undefined) return undefined;
    return { id, score, allowedCount: (arrivals as PartialArrivals).allowedCount };
  }

  private async ask(call: QuestionCall, size: number, own: QuestionOptions): Promise<PartialAnswer> {
    const { query, conditions } = this.request;
    const answer = await this.part.answer({ call, query, size, ids: NO_IDS, options: { ...conditions, ...own } });
    this.generation ??= answer.generation;
    if (answer.generation !== this.generation) {
      throw new RangeError(
        `an answer to ${call} expected generation ${shown(this.generation)}, got ${shown(answer.generation)}: ask again`,
      );
    }
    this.scored += answer.scored;
    this.source ??= answer;
    return answer;
  }
}

/** The largest count of a question. */
const MOST_COUNT = 2 ** 31;
