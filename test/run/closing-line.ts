import type { Reporter, TestModule } from "vitest/node";

/**
 * Prints `N passed, N failed` (and `, N skipped`) on a separate line at the end, for programs to read.
 *
 * Everything that did not run to its end counts as failed: a test that never finished, a file that could not be loaded,
 * an error outside any test, and a run without tests.
 */
export class ClosingLine implements Reporter {
  onTestRunEnd(testModules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests = testModules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const suites = testModules.flatMap((module) => [module, ...module.children.allSuites()]);
    const brokenSuites = suites.filter((suite) => suite.errors().length > 0).length;
    const failed = count("failed") + count("pending") + brokenSuites + unhandledErrors.length;
    const counts = [`${count("passed")} passed`, `${tests.length === 0 ? Math.max(failed, 1) : failed} failed`];
    const skipped = count("skipped");
    if (skipped > 0) counts.push(`${skipped} skipped`);
    process.stdout.write(`${counts.join(", ")}\n`);
  }
}
