import { hashAnswers } from "../../golden/hash-answers.ts";
import { differingCallers, differingLoads } from "./concurrency.ts";
import type { Files, Library } from "./library.ts";
import { ODD_INPUTS, openSubjects, outcomeOf } from "./odd-inputs.ts";
import { impossibleIndexes } from "./small-indexes.ts";

/** The results of the package in a runtime, as plain JSON, since they leave a process, a Worker or a page. */
export interface Report {
  /** hashAnswers for each value of the option `simd`. */
  readonly answers: Readonly<Record<"auto" | "base", string>>;
  /** The outcome of each odd input, by its name. */
  readonly outcomes: Readonly<Record<string, string>>;
  readonly differingCallers: number;
  readonly differingLoads: number;
  readonly impossibleIndexes: number;
}

export async function keepPromises(library: Library, files: Files): Promise<Report> {
  const subjects = await openSubjects(library, files);
  const outcomes: Record<string, string> = {};
  for (const { name, call } of ODD_INPUTS) outcomes[name] = await outcomeOf(() => call(subjects));
  return {
    answers: {
      auto: await hashAnswers(await library.load(files.golden)),
      base: await hashAnswers(await library.load(files.golden, { simd: "base" })),
    },
    outcomes,
    differingCallers: await differingCallers(subjects.golden),
    differingLoads: await differingLoads(library, files.golden),
    impossibleIndexes: await impossibleIndexes(library, files.small),
  };
}
