import type { ProblemKind } from "./problem.ts";

/** The error codes of routers and of hosts of parts, beside those of every service. */
export const PART_PROBLEMS = {
  unknown_generation: { status: 409, title: "The part has another generation", number: 40900 },
  changes_differ: { status: 409, title: "The part has other changes", number: 40901 },
  part_missing: { status: 503, title: "A part of the classes does not answer", number: 50308 },
} as const satisfies Record<string, ProblemKind>;
