import type { Fault } from "./fault.ts";

/** Faults of builds whose rows are at URLs and whose parts are in buckets. */
export const REMOTE_BUILDS_FAULTS: readonly Fault[] = [
  {
    name: "a file at a URL that changes between two requests",
    file: "src/cli/remote/ranged-file.ts",
    find: "found.validator !== pin.validator",
    replace: "found.validator === undefined",
    suites: ["test/cli/remote/ranged-file.test.ts"],
  },
  {
    name: "a body that was cut taken for a whole one",
    file: "src/cli/remote/ranged-file.ts",
    find: "if (filled < byteLength) throw new TryAgain",
    replace: "if (filled < 0) throw new TryAgain",
    suites: ["test/cli/remote/ranged-file.test.ts"],
  },
  {
    name: "hosts of a plan that the user has not named",
    file: "src/cli/remote/remote-files.ts",
    find: "!planned.hosts.includes(host)",
    replace: "planned.hosts.includes(path)",
    suites: ["test/cli/remote/url-inputs.test.ts"],
  },
  {
    name: "a redirect to another host",
    file: "src/cli/remote/web-source.ts",
    find: "next === undefined || next.origin !== url.origin",
    replace: "next === undefined || next.origin === undefined",
    suites: ["test/cli/remote/ranged-file.test.ts"],
  },
  {
    name: "a manifest that takes the place of another build's",
    file: "src/cli/tasks/bucket-files.ts",
    find: "bucket.put(at(file), bytes, condition)",
    replace: "bucket.put(at(file), bytes, condition && undefined)",
    suites: ["test/cli/remote/bucket-builds.test.ts"],
  },
  {
    name: "files of a machine that a plan in a bucket names",
    file: "src/cli/tasks/task-folder.ts",
    find: "if (isForeign) checkPortable(plan, folder);",
    replace: "if (isForeign) planId(plan);",
    suites: ["test/cli/remote/bucket-builds.test.ts"],
  },
];
