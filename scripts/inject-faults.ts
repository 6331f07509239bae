// Checks that the tests catch faults: npm run test:faults [-- --only PATTERN] [--whole] [--fresh]
//
// It injects each fault of faults/all.ts into a copy of the sources, compiles the affected kernels, and runs the suites that
// the fault names. A fault is caught if a test fails. First, the same suites have to pass in the copy without a fault.
//
//   --only PATTERN  try only faults whose name or file matches this regular expression
//   --whole         run all suites of a fault's project and print those that fail, to find the suites for a new fault
//   --fresh         try every fault again, even if it was caught on the same sources before
import { parseArgs } from "node:util";
import { FAULTS } from "./faults/all.ts";
import { CaughtBefore } from "./faults/caught-before.ts";
import { Copy } from "./faults/copy.ts";
import type { Fault } from "./faults/fault.ts";
import { firstFailure, projectOf, suitesThatFail } from "./faults/run-suites.ts";
import { sourceFiles } from "./faults/source-files.ts";

/** The number of faults that are tried at the same time. */
const LANES = 2;

const { values: options } = parseArgs({
  options: { only: { type: "string" }, whole: { type: "boolean" }, fresh: { type: "boolean" } },
});
const pattern = new RegExp(options.only ?? "");
const chosen = FAULTS.filter(({ name, file }) => pattern.test(name) || pattern.test(file));
const start = performance.now();
const sources = sourceFiles();
const before = new CaughtBefore(sources, options.fresh === true || options.whole === true);
const queue = chosen.filter((fault) => !before.has(fault));
const copies = Array.from({ length: LANES }, () => new Copy(sources));
let caught = chosen.length - queue.length;
if (caught > 0)
  console.log(`${caught} of ${chosen.length} faults were caught before on these sources (--fresh tries them again)`);

try {
  if (queue.length > 0) await passWithoutFault(queue);
  await Promise.all(copies.map(tryInTurn));
} finally {
  for (const copy of copies) copy.remove();
}
console.log(`${caught} of ${chosen.length} faults caught in ${minutes(performance.now() - start)}`);
process.exitCode = caught < chosen.length ? 1 : 0;

/** Runs each suite that the faults name once without a fault, in Node in the first copy and in workerd in the second. */
async function passWithoutFault(faults: readonly Fault[]): Promise<void> {
  const failures = await Promise.all(
    (["node", "workers"] as const).map(async (project, i) => {
      const copy = copies[i % LANES] as Copy;
      await copy.compileKernels();
      const suites = faults.filter((fault) => projectOf(fault) === project).flatMap((fault) => fault.suites);
      return suites.length > 0 ? firstFailure(copy, project, [...new Set(suites)]) : undefined;
    }),
  );
  const failure = failures.find((found) => found !== undefined);
  if (failure !== undefined) throw new Error(`The suites fail without a fault: ${failure}`);
  for (const copy of copies) copy.keepKernels();
  console.log(`ok     no fault: all suites pass (${minutes(performance.now() - start)})`);
}

async function tryInTurn(copy: Copy): Promise<void> {
  for (let fault = queue.shift(); fault; fault = queue.shift()) {
    const from = performance.now();
    const outcome = await attempt(copy, fault);
    if (outcome.isCaught) {
      caught++;
      if (!options.whole) before.add(fault);
    }
    const seconds = ((performance.now() - from) / 1000).toFixed(0);
    console.log(`${outcome.isCaught ? "ok    " : "MISSED"} ${fault.name}: ${outcome.what} (${seconds} s)`);
  }
}

async function attempt(copy: Copy, fault: Fault): Promise<{ isCaught: boolean; what: string }> {
  const obstacle = copy.make(fault);
  if (obstacle !== undefined) return { isCaught: false, what: obstacle };
  try {
    if (fault.file.startsWith("assembly/")) {
      const refusal = await copy.compileKernels();
      if (refusal !== undefined) return { isCaught: false, what: `it does not compile: ${refusal}` };
    }
    if (options.whole) {
      const suites = await suitesThatFail(copy, projectOf(fault));
      return { isCaught: suites.length > 0, what: suites.join(" ") || "all suites pass" };
    }
    const failure = await firstFailure(copy, projectOf(fault), fault.suites);
    return { isCaught: failure !== undefined, what: failure ?? `${fault.suites.join(" ")} pass` };
  } finally {
    copy.undo(fault);
  }
}

function minutes(milliseconds: number): string {
  return `${(milliseconds / 60_000).toFixed(1)} min`;
}
