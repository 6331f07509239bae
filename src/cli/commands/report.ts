import { cpus } from "node:os";
import { type Command, Option } from "commander";
import packageJson from "../../../package.json" with { type: "json" };
import { limitsFor } from "../arguments/query-options.ts";
import { integer, MAX_COUNT, number } from "../arguments/values.ts";
import { checkOutputs } from "../files/check-outputs.ts";
import { replaceFile } from "../files/replace-file.ts";
import { startProgress } from "../output/progress.ts";
import { MISSING } from "../policy/joined-value.ts";
import { type Io, printJson, printLines } from "../process/io.ts";
import { compare, type ReportOptions } from "../reporting/compare.ts";
import type { Compared } from "../reporting/compared.ts";
import { comparisonLines, comparisonPage } from "../reporting/page.ts";
import { withVersion } from "../reporting/with-version.ts";

interface ReportCommandOptions extends ReportOptions {
  readonly output: string;
  readonly json?: true;
}

const DEFAULT_LIMIT = 500;

/** `midx report`: puts two versions, files or policies side by side on one page. */
export function addReportCommand(program: Command, io: Io): void {
  program
    .command("report")
    .description("put two indexes or policies side by side on one HTML page: quality, time, size, price, earnings")
    .argument("<a>", "index file, manifest, or the pointer of a version in a folder of midx publish")
    .argument("<b>", "another one, or the same one at another temperature")
    .requiredOption("--queries <file>", "held-out queries, in any input format of midx build")
    .option("--queries-b <file>", "the same queries as another model of <b> makes them (default: --queries)")
    .requiredOption("-o, --output <file>", "the HTML page")
    .option("--limit <n>", "maximum number of queries, evenly spaced in the file", integer(1, MAX_COUNT), DEFAULT_LIMIT)
    .option("--json", "print one JSON object")
    .optionsGroup("Value by logged rewards (docs/ab-testing.md):")
    .option("--log <files...>", "logs of a service with LOG_DRAWS, as JSON lines")
    .option("--rewards <file>", "JSON lines of requestId, row, id or label, and reward")
    .option(
      "--log-queries <file>",
      "JSON lines of requestId, row, vector or sequence, and the conditions that were sent",
    )
    .option("--temperature-a <T>", "temperature of the first policy (default: 1)", number(2 ** -20, 2 ** 20))
    .option("--temperature-b <T>", "temperature of the second policy (default: 1)", number(2 ** -20, 2 ** 20))
    .addOption(
      new Option("--missing <reward>", "what a draw without a reward earns: zero, or none to leave it out")
        .choices(MISSING)
        .default("zero"),
    )
    .addHelpText("after", EXAMPLE)
    .action((a: string, b: string, options: ReportCommandOptions) => report([a, b], options, io));
}

const EXAMPLE = `
Examples:
  $ midx report words.midx next.midx --queries queries.safetensors -o report.html
  $ midx report public/versions/first.json public/versions/second.json --queries queries.safetensors -o report.html
  $ midx report words.midx next.midx --queries queries.safetensors -o report.html \\
      --log logs.jsonl --rewards rewards.jsonl --log-queries asked.jsonl

The page calls one better only if the whole 95 % interval of the difference lies on its side. For the times, the two take
turns. Earnings are those of the softmax of each index, estimated from the draws of one log; their difference is taken request
by request.`;

async function report([a, b]: readonly [string, string], options: ReportCommandOptions, io: Io): Promise<void> {
  const { queries, queriesB, output, json, log = [], rewards, logQueries } = options;
  const inputs = {
    ...{ "<a>": a, "<b>": b, "--queries": queries, "--queries-b": queriesB },
    ...{ "--rewards": rewards, "--log-queries": logQueries },
  };
  await checkOutputs(inputs, { "--output": output }, io);
  if ([log[0], rewards, logQueries].some((given) => (given === undefined) !== (log[0] === undefined))) {
    throw new RangeError("'--log' expected '--rewards' and '--log-queries' beside it, and they expect '--log'");
  }
  for (const side of ["A", "B"] as const) {
    if (options[`temperature${side}`] !== undefined && log[0] === undefined) {
      throw new RangeError(
        `'--temperature-${side.toLowerCase()}' needs '--log': only the estimate of the value uses it`,
      );
    }
  }
  const limits = limitsFor({});
  const progress = startProgress(io, "text");
  const compared = await withVersion(a, limits, io, (first) =>
    withVersion(b, limits, io, (second) =>
      compare(
        [
          { file: a, index: first },
          { file: b, index: second },
        ],
        options,
        { progress, signal: io.signal },
      ),
    ),
  ).finally(() => progress.stop());
  const made: Compared = { ...compared, madeBy: madeBy() };
  await replaceFile(output, new TextEncoder().encode(comparisonPage(made)));
  if (json) printJson(io.stdout, made);
  else printLines(io.stdout, [...comparisonLines(made), `wrote ${output}`]);
}

const madeBy = (): Compared["madeBy"] => ({
  date: new Date().toISOString().slice(0, 10),
  midx: packageJson.version,
  node: process.version,
  processor: cpus()[0]?.model ?? "unknown",
});
