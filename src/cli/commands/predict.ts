import type { Command } from "commander";
import { DEFAULT_DRAWS, DEFAULT_SCAN } from "../../answers/options.ts";
import { scanOf } from "../../answers/scan-of.ts";
import type { Prediction, ScanChoice } from "../../index.ts";
import {
  addQueryOptions,
  callOptions,
  limitsFor,
  type ProposalArgument,
  proposalOption,
  type QueryOptions,
  readQueryAndLabels,
} from "../arguments/query-options.ts";
import { addDiversityOptions, type DiversityArguments, diversityOf } from "../arguments/recommend-options.ts";
import { integer, MAX_COUNT, number, scanOrAuto } from "../arguments/values.ts";
import { openItemEncoder } from "../asking/item-encoder.ts";
import { withAsked } from "../asking/with-asked.ts";
import type { NameOf } from "../inputs/labels.ts";
import { fixed } from "../output/fixed.ts";
import { scoredOf } from "../output/scored.ts";
import { factLines, tableLines } from "../output/table.ts";
import { type Io, printJson, printLines } from "../process/io.ts";

interface PredictOptions extends QueryOptions, ProposalArgument, DiversityArguments {
  readonly k: number;
  readonly draws?: number;
  readonly scan?: number | "auto";
  readonly targetError?: number;
}

/** `midx predict`: prints the k most probable classes with their probabilities. */
export function addPredictCommand(program: Command, io: Io): void {
  const command = program
    .command("predict")
    .description("print the most probable classes of a query, with their probabilities")
    .argument("<file>", "index file, or manifest")
    .option("-k <count>", "number of classes", integer(0, MAX_COUNT), 10)
    .optionsGroup("Estimate:")
    .option(
      "--scan <classes>",
      `head size: classes that are scored exactly, or "auto" for as many as --target-error needs, which implies it (default: ${DEFAULT_SCAN})`,
      scanOrAuto,
    )
    .addOption(proposalOption())
    .option(
      "--target-error <share>",
      "largest standard error that the answer may have (default: 0.05, with --scan auto)",
      number(0, Number.MAX_VALUE),
    )
    .option("--draws <count>", `classes to sample from the tail (default: ${DEFAULT_DRAWS})`, integer(0, MAX_COUNT));
  addDiversityOptions(command);
  addQueryOptions(command, ["scan", "proposal", "targetError", "draws"])
    .addHelpText("after", EXAMPLE)
    .action((file: string, options: PredictOptions) => {
      const scan = scanOf(options);
      if (options.targetError !== undefined && scan !== "auto") {
        command.error("error: '--target-error' cannot be used with a number as '--scan'");
      }
      if (options.proposal !== undefined && scan === "auto") {
        const other = options.scan === undefined ? "--target-error" : "--scan auto";
        command.error(`error: '--proposal' cannot be used with '${other}', which chooses the proposal`);
      }
      const { found, option } = diversityOf(command, options.k, options);
      return withAsked(
        file,
        { ...limitsFor({ ...options, k: found }), changes: options.changes },
        io,
        async (index) => {
          const { query, nameOf } = await readQueryAndLabels(command, options, index, () => openItemEncoder(index));
          const { k, pool, diversity, ...rest } = await callOptions(options, index);
          const answer = await index.predict(query, k, { ...rest, ...option });
          if (options.json)
            printJson(io.stdout, { ...answer, ...(nameOf && { labels: Array.from(answer.ids, nameOf) }) });
          else printLines(io.stdout, predictionLines(answer, index.info.itemCount, nameOf));
        },
      );
    });
}

const EXAMPLE = `
Examples:
  $ midx predict next-word.midx --queries queries.safetensors --row 2 -k 5 --labels words.txt
  $ midx predict next-word.midx --queries queries.safetensors --row 2 --scan auto --target-error 0.01
  $ midx predict next-word.midx --queries queries.safetensors --row 2 --temperature 0.7 --exclude 0,1
  $ midx predict next-word.midx --queries queries.safetensors --row 2 --bias 3=2.5 --history 17,4,17 --presence-penalty 0.5
  $ midx predict items.midx --queries users.npy --row 7 --diversity 0.7 --pool 100
  $ midx predict words.midx --features "of capital the"`;

function predictionLines(answer: Prediction, itemCount: number, nameOf: NameOf | undefined): string[] {
  const heading = ["rank", "id", "probability", "score", ...(nameOf ? ["label"] : [])];
  const rows = Array.from(answer.ids, (id, i) => [
    i + 1,
    id,
    (answer.probabilities[i] ?? 0).toFixed(6),
    fixed(answer.scores[i] ?? 0, 4),
    ...(nameOf ? [nameOf(id)] : []),
  ]);
  const facts = factLines([
    ["log-partition", `${fixed(answer.logPartition, 6)} ± ${answer.standardError.toExponential(1)}`],
    [
      "effective sample size",
      answer.effectiveSampleSize.toFixed(1) + (answer.lowEss ? " (low: use a larger --scan)" : ""),
    ],
    ...choiceFacts(answer.choice),
    ["classes scored", scoredOf(answer.scored, itemCount)],
    ["seed", String(answer.seed)],
  ]);
  return [...tableLines(heading, rows), "", ...facts];
}

/** Describes the choice of --scan auto, or of a second try. */
function choiceFacts(choice: ScanChoice | undefined): [name: string, value: string][] {
  if (!choice) return [];
  const { draws, expectedError, expectedErrorAtDefault: atDefault } = choice;
  const beside = atDefault === undefined ? "" : ` (by default: ${atDefault.toExponential(1)})`;
  return [
    ["head chosen", headOf(choice)],
    ["draws chosen", String(draws)],
    ["expected error", `${expectedError.toExponential(1)}${beside}`],
  ];
}

function headOf({ exact, proposal, scan }: ScanChoice): string {
  if (exact) return "all classes";
  return proposal === "codes" ? `${scan} classes, by fine codes` : `${scan} classes`;
}
