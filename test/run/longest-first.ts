import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * The suites that take longest on a quiet machine, most of it spent waiting. Begun last, one of them would go on alone when
 * all others have ended.
 */
const LONGEST = [
  "test/cli/queue/over-valkey",
  "test/cli/threads/threads",
  "test/hostile/slow-clients",
  "test/examples/torch",
  "test/page/other-settings",
  "test/page/page",
  "test/cli/queue/bucket-queue",
  "test/live/serve-parts",
  "test/examples/python",
  "test/cli/publishing/publish-local",
  "test/docstrings/docstrings",
  "test/runtime/threads",
  "test/runtime/examples",
  "test/runtime/checkout",
  "test/worker/canary",
];

/**
 * Runs the longest suites of each project first and the others in Vitest's order, which goes by the sizes of files in a clean
 * checkout. A project's suites stay together: between two projects, processes start anew.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const projects = [...new Set(sorted.map(({ project }) => project))];
    return projects.flatMap((project) => {
      const own = sorted.filter((file) => file.project === project);
      return [...own.filter(isLong), ...own.filter((file) => !isLong(file))];
    });
  }
}

const isLong = ({ moduleId }: TestSpecification): boolean =>
  LONGEST.some((suite) => moduleId.endsWith(`/${suite}.test.ts`));
