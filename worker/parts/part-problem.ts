import { PART_PROBLEMS } from "../contract/part-problems.ts";
import { Problem, type ProblemCode } from "../contract/problem.ts";

/** Ends a request with one of these errors. */
export class PartProblem extends Problem {
  constructor(code: keyof typeof PART_PROBLEMS, detail: string) {
    super(code as ProblemCode, detail, PART_PROBLEMS[code]);
  }
}
