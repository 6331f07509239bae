import type { Copy } from "./copy.ts";
import type { Fault } from "./fault.ts";
import { type Outcome, runCommand } from "./run-command.ts";

type Project = "node" | "workers";

const VITEST = "node_modules/vitest/vitest.mjs";
/** This suite holds the list of faults to the sources, so it fails wherever one of them has been made. */
const LIST_SUITE = "test/scripts/faults.test.ts";

/** Suites of the Worker run in workerd, all others in Node. */
export const projectOf = ({ suites }: Fault): Project =>
  suites.every((suite) => suite.startsWith("test/worker/")) ? "workers" : "node";

/** Name of the first test that fails, or what else went wrong; undefined where all tests pass. */
export async function firstFailure(
  copy: Copy,
  project: Project,
  suites: readonly string[],
): Promise<string | undefined> {
  const outcome = await runCommand(copy.folder, [VITEST, "run", "--project", project, "--bail", "1", ...suites]);
  if (outcome.status === 0) return undefined;
  return failuresIn(outcome)[0] ?? outcome.output.trim().split("\n").at(-1);
}

/** Paths of all suites of the project that have a test that fails. */
export async function suitesThatFail(copy: Copy, project: Project): Promise<string[]> {
  const failures = failuresIn(
    await runCommand(copy.folder, [VITEST, "run", "--project", project, "--exclude", LIST_SUITE]),
  );
  return [...new Set(failures.map((failure) => /test\/\S+/.exec(failure)?.[0] ?? failure))];
}

const failuresIn = ({ output }: Outcome): string[] =>
  Array.from(output.matchAll(/^\s*FAIL\s+(.*)$/gm), ([, name]) => name as string);
