// Can the numbers that say how wrong an answer is be trusted (npm run bench:trust)? Asks indexes of real and made-up heads,
// built plainly and with counts and queries, over temperatures, heads, draws and targets, and compares every answer with
// log Z in f64 over the stored rows. Prints verdicts. Options:
//   --quick      five small heads that need no data set, fewer queries and calls: under three minutes
//   --only NAME  one head; may be repeated
//   --fresh      measures again what an earlier run of the same commit has measured
//   --write      writes bench/results/trust.json and trust.csv and the tables of docs/trust.md and trust-results.md
//   --before ID  with --write: keeps the results as those of the library before, whose src/ and assembly/ were checked out
//                from the commit ID
import { execFileSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { readResult, writeResult } from "./results-file.ts";
import { drawTrust } from "./trust/docs.ts";
import { canLoad, type HeadName, SOURCES, sourceOf } from "./trust/heads.ts";
import { judge } from "./trust/judge.ts";
import { measureHead } from "./trust/measure.ts";
import type { HeadResult } from "./trust/result.ts";
import { cellsAsCsv, summaryOf, type TrustResult, type TrustRun } from "./trust/summary.ts";
import { headTable, verdictTable } from "./trust/table.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
    fresh: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    before: { type: "string" },
  },
});
const names = Object.keys(SOURCES) as HeadName[];
const unknown = values.only.filter((name) => !names.includes(name as HeadName));
if (unknown.length > 0) throw new RangeError(`"--only" expected ${names.join(", ")}, got ${unknown.join(", ")}`);
const wanted = names.filter((name) => {
  const isWanted = values.only.length > 0 ? values.only.includes(name) : !values.quick || sourceOf(name).quick;
  return isWanted && canLoad(name);
});

const isWhole = !values.quick && wanted.length === names.length;
if (values.write && !isWhole) throw new Error("--write expected a run over all heads, with every data set");

const commit = values.before ?? execFileSync("git", ["rev-parse", "--short=7", "HEAD"], { encoding: "utf8" }).trim();
const folder = `${tmpdir()}/midx-bench/trust/${commit}${values.quick ? "-quick" : ""}`;
if (values.fresh) rmSync(folder, { recursive: true, force: true });
console.log(`results of each index are kept in ${folder}`);

const heads: HeadResult[] = [];
for (const name of wanted) heads.push(await measureHead(name, { isQuick: values.quick, folder }));
const run: TrustRun = { commit, heads: heads.map(summaryOf), verdicts: judge(heads) };
console.log(`\n${headTable(run)}\n\n${verdictTable(run)}`);

if (values.write) {
  const old = existsSync(new URL("results/trust.json", import.meta.url)) ? readResult<TrustResult>("trust") : undefined;
  const machine = `${cpus()[0]?.model ?? "?"}, one core`;
  const runs = values.before ? { now: old?.now ?? run, before: run } : { now: run, before: old?.before ?? run };
  const result = writeResult<TrustResult>("trust", { machine, node: process.version, ...runs }, 0);
  if (!values.before) writeFileSync(new URL("results/trust.csv", import.meta.url), cellsAsCsv(heads));
  drawTrust(result);
}
if (run.verdicts.some(({ holds }) => !holds)) process.exitCode = 1;
