import type { Io } from "../process/io.ts";

/** The variable in which a worker tells the process of a task whose plan it is, as array jobs tell it its number. */
export const PLAN_ID_VARIABLE = "MIDX_PLAN_ID";

/**
 * Checks that a plan is the one whose tasks are in the queue, if a worker runs the task. A second build into the folder replaces
 * the plan there.
 *
 * @throws RangeError for another plan, since the next try would find it as well
 */
export function checkExpectedPlan(folder: string, found: string, env: Io["env"]): void {
  const expected = env[PLAN_ID_VARIABLE];
  if (expected === undefined || expected === found) return;
  const ids = `expected ${expected}, got ${found}`;
  throw new RangeError(
    `the plan in ${folder} is not the one of the build whose tasks are in the queue (${ids}): run that build again, with an '--output' that no other build has`,
  );
}
