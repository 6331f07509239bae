import type { MultiIndex } from "../../index.ts";
import { partOf } from "../../parts/loaded-part.ts";
import type { Part, PartInfo } from "../../parts/part.ts";
import type { PartialAnswer } from "../../parts/partial-answer.ts";
import type { Question } from "../../parts/question.ts";
import type { TablePart } from "./table-part.ts";

interface Waiting {
  readonly question: Question;
  readonly resolve: (answer: PartialAnswer | Promise<PartialAnswer>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Returns parts that can be asked together, while one of them is open at a time: each is opened once for all questions that wait for it,
 * such as those of a batch.
 */
export function askedInTurn(parts: readonly TablePart[], infos: readonly PartInfo[]): Part[] {
  const waiting: Waiting[][] = parts.map(() => []);
  let isRunning = false;
  const answerAll = async (): Promise<void> => {
    await Promise.resolve(); // the other questions of a batch come first
    while (waiting.some(({ length }) => length > 0)) {
      for (const [number, part] of parts.entries()) await answerWaiting(part, number, waiting[number]?.splice(0) ?? []);
    }
    isRunning = false;
  };
  return infos.map((info, i) => ({
    info,
    answer: (question) =>
      new Promise<PartialAnswer>((resolve, reject) => {
        waiting[i]?.push({ question, resolve, reject });
        if (isRunning) return;
        isRunning = true;
        void answerAll();
      }),
  }));
}

async function answerWaiting(part: TablePart, number: number, asked: readonly Waiting[]): Promise<void> {
  if (asked.length === 0) return;
  const answerEach = (index: MultiIndex): void => {
    const opened = partOf(index, { number });
    for (const { question, resolve } of asked) resolve(opened.answer(question));
  };
  await part.use(answerEach).catch((error: unknown) => {
    for (const { reject } of asked) reject(error);
  });
}
