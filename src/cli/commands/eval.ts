import { cpus } from "node:os";
import { type Command, Option } from "commander";
import packageJson from "../../../package.json" with { type: "json" };
import { DEFAULT_DRAWS, DEFAULT_SCAN } from "../../answers/options.ts";
import type { Filter } from "../../index.ts";
import { evaluateAsked } from "../../train/evaluation/evaluate-inlined.ts";
import { changesOption, namedChanges } from "../arguments/changes-option.ts";
import { readEvenly } from "../arguments/held-out.ts";
import { limitsFor, type ProposalArgument, proposalOption } from "../arguments/query-options.ts";
import { filter, integer, MAX_COUNT, number, seed } from "../arguments/values.ts";
import type { AskedIndex } from "../asking/asked-index.ts";
import { withAsked } from "../asking/with-asked.ts";
import { type FilteredIndex, filteredIndex } from "../evaluating/filtered-index.ts";
import { checkGates, type GateOptions, gateLine, MissedGates } from "../evaluating/gates.ts";
import type { MadeBy, MeasuredIndex } from "../evaluating/measured-index.ts";
import { cpuCost } from "../evaluating/price.ts";
import { evaluationLines } from "../evaluating/report-lines.ts";
import { callTimes } from "../evaluating/times.ts";
import { checkOutputs } from "../files/check-outputs.ts";
import { replaceFile } from "../files/replace-file.ts";
import { readVector } from "../inputs/open.ts";
import { startProgress } from "../output/progress.ts";
import { type Io, printJson, printLines } from "../process/io.ts";
import { shellWord } from "../process/shell-word.ts";

interface EvalOptions extends GateOptions, ProposalArgument {
  readonly queries: string;
  readonly limit: number;
  readonly counts?: string;
  readonly scan?: number;
  readonly recall?: number;
  readonly filter?: Filter;
  readonly namespace?: string;
  readonly draws?: number;
  readonly seed?: bigint;
  readonly html?: string;
  readonly changes?: readonly string[];
  readonly json?: true;
}

const DEFAULT_LIMIT = 500;

/** `midx eval`: measures an index on held-out queries and checks it against gates. */
export function addEvalCommand(program: Command, io: Io): void {
  const command = program
    .command("eval")
    .description("measure an index on held-out queries: recall, errors of probabilities and draws, call times, cost")
    .argument("<file>", "index file, or manifest")
    .requiredOption("--queries <file>", "held-out queries, in any input format of midx build")
    .option("--limit <n>", "maximum number of queries, evenly spaced in the file", integer(1, MAX_COUNT), DEFAULT_LIMIT)
    .option("--counts <file>", "how often each class occurs, to rank classes by popularity (default: the bias)")
    .addOption(changesOption())
    .option("--html <file>", "write the report as one HTML page that loads nothing from the network")
    .option("--json", "print one JSON object")
    .optionsGroup("Calls to measure:")
    .option(
      "--scan <classes>",
      `head size: classes that are scored exactly (default: ${DEFAULT_SCAN})`,
      integer(0, MAX_COUNT),
    )
    .addOption(proposalOption())
    .option("--draws <count>", `classes to sample from the tail (default: ${DEFAULT_DRAWS})`, integer(1, MAX_COUNT))
    .addOption(
      new Option(
        "--recall <share>",
        "recall that topK has to reach, without fine codes by reading all rows (default: 0.95 with fine codes)",
      ).argParser(number(0, 1)),
    )
    .option("--seed <integer>", "seed of the draws (default: 0)", seed)
    .option("--filter <json>", 'measure the classes with these values in columns, such as {"category":"shoes"}', filter)
    .option("--namespace <name>", "measure the classes of this namespace")
    .optionsGroup("Gates, with exit code 4 if one is missed:")
    .option("--min-recall <share>", "minimum recall@10 of both topK and predict", number(0, 1))
    .option("--max-log-error <nats>", "maximum 90th percentile of |log Ẑ − log Z|", number(0, Number.MAX_VALUE))
    .option("--min-ess <share>", "minimum median effective sample size per draw", number(0, 1))
    .option("--max-tv <distance>", "maximum mean total variation distance from the softmax", number(0, 1));
  command.addHelpText("after", EXAMPLE).action(async (file: string, options: EvalOptions) => {
    const { queries, counts, html } = options;
    await checkOutputs(
      { "<file>": file, "--queries": queries, "--counts": counts, ...namedChanges(options.changes) },
      { "--html": html },
      io,
    );
    await withAsked(file, { ...limitsFor(options), changes: options.changes }, io, (index) =>
      evaluateIndex(index, file, options, io, command),
    );
  });
}

const EXAMPLE = `
Examples:
  $ midx eval next-word.midx --queries queries.safetensors
  $ midx eval next-word.midx --queries queries.safetensors --html report.html --min-recall 0.99 --max-log-error 0.05

The exit code is 4 if a gate is missed, and stderr lists the missed gates.`;

/** Counts are by class. Ids of a changed index may have gaps, so that the labels are not compared. */
function numberedBy(path: string, index: AskedIndex, { changes }: EvalOptions) {
  const { itemCount, hasLabels } = index.info;
  const ids = Array.from({ length: itemCount }, (_, id) => id);
  return { itemCount, ...(hasLabels && !changes && { labelled: { path, labels: index.labels(ids) } }) };
}

async function evaluateIndex(
  index: AskedIndex,
  file: string,
  options: EvalOptions,
  io: Io,
  command: Command,
): Promise<void> {
  const { queries, available } = await readEvenly(options.queries, options.limit, index.info.dim);
  const counts =
    options.counts === undefined
      ? undefined
      : await readVector(options.counts, { option: "counts", ...numberedBy(file, index, options) });
  const progress = startProgress(io, "text");
  const { proposal, scan, recall, draws, seed } = options;
  const { index: measuredIndex, passing } = await filteredBy(index, options);
  const evaluation = await evaluateAsked(measuredIndex, queries, {
    recall,
    counts: passing ? counts && Float32Array.from(passing, (id) => counts[id] as number) : counts,
    ...(proposal && { proposal }),
    ...(scan !== undefined && { scan }),
    ...(draws !== undefined && { draws }),
    ...(seed !== undefined && { seed }),
    onProgress: (done, total) => progress.report({ phase: "measure", done, total }),
    signal: io.signal,
  }).finally(() => progress.stop());
  const times = await callTimes(measuredIndex, queries, evaluation.effort);
  const measured: MeasuredIndex = {
    file,
    queries: options.queries,
    availableQueries: available,
    index: index.info,
    evaluation,
    times,
    cost: cpuCost(times),
    gates: checkGates(options, evaluation),
    madeBy: madeBy(command),
  };
  if (options.html !== undefined) await writeReport(options.html, measured);
  if (options.json) printJson(io.stdout, measured);
  else printLines(io.stdout, evaluationLines(measured));
  const missed = measured.gates.filter(({ passed }) => !passed);
  if (missed.length === 0) return;
  printLines(io.stderr, missed.map(gateLine));
  throw new MissedGates(`${missed.length} of ${measured.gates.length} gates missed`);
}

/** Returns the index whose classes are measured: those that pass the filter of the options and that no change has removed. */
async function filteredBy(
  index: AskedIndex,
  { filter, namespace }: EvalOptions,
): Promise<Partial<FilteredIndex> & Pick<FilteredIndex, "index">> {
  const isFiltered = filter !== undefined || namespace !== undefined;
  const { itemCount, changes } = index.info;
  if (!isFiltered && (changes?.classCount ?? itemCount) === itemCount) return { index };
  const found = await filteredIndex(index, {
    ...(filter && { filter }),
    ...(namespace !== undefined && { namespace }),
  });
  if (found.passing.length > 0) return found;
  throw new RangeError(
    `'${isFiltered ? "--filter' and '--namespace" : "--changes"}' expected to leave a class, got none`,
  );
}

/** Imports the plotting library only when a report is written, so that commands start quickly. */
async function writeReport(path: string, measured: MeasuredIndex): Promise<void> {
  const { reportPage } = await import("../evaluating/page/page.ts");
  await replaceFile(path, new TextEncoder().encode(reportPage(measured)));
}

const wordOf = (value: unknown): string => (typeof value === "object" ? JSON.stringify(value) : String(value));

function madeBy(command: Command): MadeBy {
  const options = command.options.flatMap((option) => {
    const name = option.attributeName();
    if (command.getOptionValueSource(name) !== "cli") return [];
    const value: unknown = command.getOptionValue(name);
    if (value === true) return [option.long ?? ""];
    return [value].flat().flatMap((each) => [option.long ?? "", wordOf(each)]);
  });
  return {
    command: ["midx", "eval", ...command.args, ...options].map(shellWord).join(" "),
    date: new Date().toISOString().slice(0, 10),
    midx: packageJson.version,
    node: process.version,
    processor: cpus()[0]?.model ?? "unknown",
  };
}
