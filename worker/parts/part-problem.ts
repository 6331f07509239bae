import { PART_PROBLEMS } from "../contract/part-problems.ts";
import { Problem, type ProblemCode } from "../contract/problem.ts";

/** Ends a request with one of these errors. */
export class PartProblem extends Problem {
  constructor(code: keyof typeof PART_PROBLEMS, detail: string) {
    super(code as ProblemCode, detail, PART_PROBLEMS[code]);
  }
}

/** Ends a question to a part, or to a router, whose parts have other changes than it names. */
export class OtherChanges extends PartProblem {
  /** The changes from which the parts need others, or later ones that they have already. */
  readonly state: string;

  constructor(state: string, detail: string) {
    super("changes_differ", detail);
    this.state = state;
  }
}
