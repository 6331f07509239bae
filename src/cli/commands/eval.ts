import { cpus } from "node:os";
import { type Command, Option } from "commander";
import packageJson from "../../../package.json" with { type: "json" };
import { DEFAULT_DRAWS } from "../../answers/options.ts";
import type { LoadOptions, MultiIndex } from "../../index.ts";
import { evaluate } from "../../train/index.ts";
import { readEvenly } from "../arguments/held-out.ts";
import { limitsFor, rescoreOption } from "../arguments/query-options.ts";
import { integer, MAX_COUNT, number, seed } from "../arguments/values.ts";
import { checkGates, type GateOptions, gateLine, MissedGates } from "../evaluating/gates.ts";
import type { MadeBy, MeasuredIndex } from "../evaluating/measured-index.ts";
import { cpuCost } from "../evaluating/price.ts";
import { evaluationLines } from "../evaluating/report-lines.ts";
import { callTimes, TIMED_DRAWS } from "../evaluating/times.ts";
import { checkOutputs } from "../files/check-outputs.ts";
import { withIndex } from "../files/index-file.ts";
import { replaceFile } from "../files/replace-file.ts";
import { readVector } from "../inputs/open.ts";
import { startProgress } from "../output/progress.ts";
import { type Io, printJson, printLines } from "../process/io.ts";
import { shellWord } from "../process/shell-word.ts";

interface EvalOptions extends GateOptions {
  readonly queries: string;
  readonly limit: number;
  readonly counts?: string;
  readonly scan?: number;
  readonly rescore?: number;
  readonly recall?: number;
  readonly draws?: number;
  readonly seed?: bigint;
  readonly html?: string;
  readonly json?: true;
}

const DEFAULT_LIMIT = 500;

/** `midx eval`: whether an index is good enough, on queries of one's own. */
export function addEvalCommand(program: Command, io: Io): void {
  const command = program
    .command("eval")
    .description("measure an index on queries: recall, errors of probabilities and draws, times, cost; with gates")
    .argument("<file>", "an index file")
    .requiredOption("--queries <file>", "held-out queries, of any input format")
    .option("--limit <n>", "evenly spaced queries to take at most", integer(1, MAX_COUNT), DEFAULT_LIMIT)
    .option("--counts <file>", "how often each class occurs, to tell head from tail (default: the bias tells)")
    .option("--scan <classes>", "classes to score exactly before the rest is sampled", integer(0, MAX_COUNT))
    .addOption(rescoreOption().conflicts("scan"))
    .addOption(
      new Option("--recall <share>", "what topK is asked for, of an index with fine codes").argParser(number(0, 1)),
    )
    .option("--draws <count>", "classes to sample from the rest", integer(1, MAX_COUNT))
    .option("--seed <integer>", "of the draws (default: 0)", seed)
    .option("--min-recall <share>", "gate: recall@10 of topK and of predict", number(0, 1))
    .option("--max-log-error <nats>", "gate: 90th percentile of |log Ẑ − log Z|", number(0, Number.MAX_VALUE))
    .option("--min-ess <share>", "gate: median effective sample size a draw", number(0, 1))
    .option("--max-tv <distance>", "gate: mean total variation to the softmax", number(0, 1))
    .option("--html <file>", "write a report: one page that needs no network")
    .option("--json", "print one JSON object");
  command.addHelpText("after", EXAMPLE).action(async (file: string, options: EvalOptions) => {
    const { queries, counts, html } = options;
    await checkOutputs({ index: file, queries, counts }, { html }, io);
    await withIndex(file, limitsOf(options), (index) => evaluateIndex(index, file, options, io, command));
  });
}

const EXAMPLE = `
Examples:
  $ midx eval next-word.midx --queries queries.safetensors
  $ midx eval next-word.midx --queries queries.safetensors --html report.html --min-recall 0.99 --max-log-error 0.05

Exit codes: 4 if a gate is missed; the lines on stderr say which.`;

/** Also for the call whose time is taken, of TIMED_DRAWS. */
const limitsOf = (options: EvalOptions): LoadOptions =>
  limitsFor({ ...options, draws: Math.max(TIMED_DRAWS, options.draws ?? DEFAULT_DRAWS) });

async function evaluateIndex(
  index: MultiIndex,
  file: string,
  options: EvalOptions,
  io: Io,
  command: Command,
): Promise<void> {
  const { queries, available } = await readEvenly(options.queries, options.limit, index.info.dim);
  const counts =
    options.counts === undefined
      ? undefined
      : await readVector(options.counts, { option: "counts", itemCount: index.info.itemCount });
  const progress = startProgress(io, "text");
  const { scan, rescore, recall, draws, seed } = options;
  const evaluation = await evaluate(index, queries, {
    ...{ rescore, recall, counts },
    ...(scan !== undefined && { scan }),
    ...(draws !== undefined && { draws }),
    ...(seed !== undefined && { seed }),
    onProgress: (done, total) => progress.report({ phase: "measure", done, total }),
    signal: io.signal,
  }).finally(() => progress.stop());
  const times = callTimes(index, queries, evaluation.effort);
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

/** Only here are figures drawn, so that other commands start without what draws them. */
async function writeReport(path: string, measured: MeasuredIndex): Promise<void> {
  const { reportPage } = await import("../evaluating/page/page.ts");
  await replaceFile(path, new TextEncoder().encode(reportPage(measured)));
}

function madeBy(command: Command): MadeBy {
  const given = command.options.flatMap((option) => {
    const name = option.attributeName();
    if (command.getOptionValueSource(name) !== "cli") return [];
    const value: unknown = command.getOptionValue(name);
    return value === true ? [option.long ?? ""] : [option.long ?? "", String(value)];
  });
  return {
    command: ["midx", "eval", ...command.args, ...given].map(shellWord).join(" "),
    date: new Date().toISOString().slice(0, 10),
    midx: packageJson.version,
    node: process.version,
    processor: cpus()[0]?.model ?? "unknown",
  };
}
