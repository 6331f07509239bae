import type { Part } from "./part.ts";
import type { PartialAnswer } from "./partial-answer.ts";
import type { Question } from "./question.ts";

/** Parts whose classes changes may replace. */
export interface ChangingParts extends Part {
  /** Answers a question, with `requireState` before parts are asked. */
  answerWhile(question: Question, requireState: () => void): Promise<PartialAnswer>;
}

/** An error after which a call has to begin anew, with other classes: none of its answers so far may be used. */
export interface BeginsAnew extends Error {
  readonly beginsAnew: true;
}

export const beginsAnew = (error: unknown): error is BeginsAnew => error instanceof Error && "beginsAnew" in error;

/** The reason to begin a call anew: changes were applied between two of its questions. */
class ChangedMeanwhile extends Error implements BeginsAnew {
  readonly beginsAnew = true;
}

/**
 * Answers a call from one state of the classes, however many questions it asks. Before each of them it calls `requireState`. If
 * changes were applied while it waited, this begins the call anew, with the arguments that it has copied.
 */
export async function inOneState<T>(
  parted: Pick<Part, "info">,
  call: (requireState: () => void) => Promise<T>,
): Promise<T> {
  for (;;) {
    const { info } = parted; // changes replace it
    try {
      return await call(() => {
        if (parted.info !== info) throw new ChangedMeanwhile();
      });
    } catch (error) {
      if (!(error instanceof ChangedMeanwhile)) throw error;
    }
  }
}

/** Asks the parts about each query of a call. `ask` gets all parts in one state of the classes. */
export const askEach = <T>(
  parted: ChangingParts,
  batch: number | undefined,
  ask: (part: Part, row: number) => Promise<T>,
): Promise<T | T[]> =>
  inOneState(parted, (requireState): Promise<T | T[]> => {
    const part: Part = { info: parted.info, answer: (question) => parted.answerWhile(question, requireState) };
    if (batch === undefined) return ask(part, 0);
    // All are asked at once, so that parts elsewhere can be sent the questions of a batch together.
    return Promise.all(Array.from({ length: batch }, (_, row) => ask(part, row)));
  });
