import type { Copy } from "./copy.ts";
import type { Fault } from "./fault.ts";
import { type Outcome, runCommand } from "./run-command.ts";

type Project = "node" | "workers";

const VITEST = "node_modules/vitest/vitest.mjs";
/** This suite compares the list of faults with the sources, so it fails for every fault. */
const LIST_SUITE = "test/scripts/faults.test.ts";

/** Returns the project of a fault's suites. Suites of the Worker run in workerd, all others in Node. */
export const projectOf = ({ suites }: Fault): Project =>
  suites.every((suite) => suite.startsWith("test/worker/")) ? "workers" : "node";

/** Returns the name of the first test that fails, or another failure. Undefined if all tests pass. */
export async function firstFailure(
  copy: Copy,
  project: Project,
  suites: readonly string[],
): Promise<string | undefined> {
  const outcome = await runCommand(copy.folder, [VITEST, "run", "--project", project, "--bail", "1", ...suites]);
  if (outcome.status === 0) return undefined;
  return failuresIn(outcome)[0] ?? outcome.output.trim().split("\n").at(-1);
}

/** Returns the paths of all suites of the project with a failing test. */
export async function suitesThatFail(copy: Copy, project: Project): Promise<string[]> {
  const failures = failuresIn(
    await runCommand(copy.folder, [VITEST, "run", "--project", project, "--exclude", LIST_SUITE]),
  );
  return [...new Set(failures.map((failure) => /test\/\S+/.exec(failure)?.[0] ?? failure))];
}

const failuresIn = ({ output }: Outcome): string[] =>
  Array.from(output.matchAll(/^\s*FAIL\s+(.*)$/gm), ([, name]) => name as string);
