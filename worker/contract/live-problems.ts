import { Problem, type ProblemCode, type ProblemKind } from "./problem.ts";

/** The error codes of services that follow a log of changes, beside those of every service. */
export const LIVE_PROBLEMS = {
  too_many_rows: { status: 400, title: "The changes never fit", number: 40003 },
  writes_closed: { status: 403, title: "Nobody may write", number: 40300 },
  mutation_unseen: { status: 412, title: "The mutation is not seen here yet", number: 41200 },
  idempotency_conflict: { status: 422, title: "The key came with another body before", number: 42200 },
  log_unreadable: { status: 503, title: "The log of changes cannot be read or written", number: 50309 },
  log_unfit: { status: 503, title: "The log of changes does not fit the index", number: 50310 },
  delta_full: { status: 507, title: "There is no room for more changes", number: 50700 },
} as const satisfies Record<string, ProblemKind>;

/** Ends a request with one of these errors. */
export class LiveProblem extends Problem {
  constructor(code: keyof typeof LIVE_PROBLEMS, detail: string) {
    super(code as ProblemCode, detail, LIVE_PROBLEMS[code]);
  }
}
