import type { PartialAnswer, Question } from "../../src/parts/index.ts";

type Ask = (questions: readonly Question[]) => Promise<readonly PartialAnswer[]>;

/** A question that waits, with the functions that take its answer or its error. */
interface Waiting {
  readonly question: Question;
  readonly resolve: (answer: PartialAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/** Sends all questions that a request with a batch asks at once in one message. */
export class Together {
  readonly #ask: Ask;
  #waiting: Waiting[] = [];

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  ask(question: Question): Promise<PartialAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.push({ question, resolve, reject }) === 1) queueMicrotask(() => void this.#send());
    });
  }

  async #send(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    try {
      const answers = await this.#ask(waiting.map(({ question }) => question));
      for (const [i, { resolve }] of waiting.entries()) resolve(answers[i] as PartialAnswer);
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}
