import type { Command } from "commander";
import { DEFAULT_SCAN } from "../../answers/options.ts";
import type { DistinctDraws, Draws, ExactDraws } from "../../index.ts";
import {
  addQueryOptions,
  callOptions,
  limitsFor,
  type ProposalArgument,
  proposalOption,
  type QueryOptions,
  readQueryAndLabels,
} from "../arguments/query-options.ts";
import { addMixtureOptions, type MixtureArguments, mixtureOf } from "../arguments/recommend-options.ts";
import { integer, MAX_COUNT } from "../arguments/values.ts";
import type { AskedIndex } from "../asking/asked-index.ts";
import { openItemEncoder } from "../asking/item-encoder.ts";
import { withAsked } from "../asking/with-asked.ts";
import type { NameOf } from "../inputs/labels.ts";
import { fixed } from "../output/fixed.ts";
import { scoredOf } from "../output/scored.ts";
import { factLines, tableLines } from "../output/table.ts";
import { type Io, printJson, printLines } from "../process/io.ts";

interface SampleOptions extends QueryOptions, ProposalArgument, MixtureArguments {
  readonly draws: number;
  readonly scan?: number;
  readonly distinct?: true;
}

/** `midx sample`: draws classes from the proposal or the softmax of a query, with or without replacement. */
export function addSampleCommand(program: Command, io: Io): void {
  const command = program
    .command("sample")
    .description("draw classes for a query, with their exact scores and the log Q of each draw")
    .argument("<file>", "index file, or manifest")
    .option("--draws <count>", "number of draws", integer(0, MAX_COUNT), 20)
    .optionsGroup("Sampling:")
    .option(
      "--distinct",
      "draw without replacement, and print keys, and weights for sums over all classes, instead of log Q",
    )
    .option(
      "--scan <classes>",
      `head size: classes that are scored exactly (default: ${DEFAULT_SCAN})`,
      integer(0, MAX_COUNT),
    )
    .addOption(proposalOption().conflicts("distinct"));
  addMixtureOptions(command);
  addQueryOptions(command, ["scan", "proposal", "uniform", "popular"])
    .addHelpText("after", EXAMPLE)
    .action((file: string, options: SampleOptions) => {
      const mixture = mixtureOf(command, options);
      return withAsked(file, { ...limitsOf(options), changes: options.changes }, io, async (index) => {
        const { query, nameOf } = await readQueryAndLabels(command, options, index, () => openItemEncoder(index));
        const answer = await draw(index, query, options, mixture);
        if (options.json)
          printJson(io.stdout, { ...answer, ...(nameOf && { labels: Array.from(answer.ids, nameOf) }) });
        else printLines(io.stdout, drawsLines(answer, index.info.itemCount, nameOf));
      });
    });
}

const EXAMPLE = `
Examples:
  $ midx sample next-word.midx --queries queries.safetensors --row 2 --draws 50 --seed 7 --json
  $ midx sample next-word.midx --queries queries.safetensors --row 2 --draws 10 --distinct --exact
  $ midx sample items.midx --queries users.npy --row 7 --draws 1 --uniform 0.05 --popular 0.1 --power 0.5`;

const limitsOf = ({ distinct, draws, ...options }: SampleOptions) =>
  limitsFor({ ...options, ...(distinct ? { k: draws } : { draws }) });

type Answer = Draws | ExactDraws | DistinctDraws;

async function draw(
  index: AskedIndex,
  query: Float32Array,
  options: SampleOptions,
  mixture: ReturnType<typeof mixtureOf>,
): Promise<Answer> {
  const { draws, distinct, uniform, popular, power, ...rest } = await callOptions(options, index);
  return distinct ? index.sampleTopK(query, draws, rest) : index.sample(query, draws, { ...rest, ...mixture });
}

function drawsLines(answer: Answer, itemCount: number, nameOf: NameOf | undefined): string[] {
  const columns: [name: string, values: ArrayLike<number>][] = [["score", answer.scores]];
  if ("logQ" in answer) columns.push(["logQ", answer.logQ]);
  if ("keys" in answer) columns.push(["key", answer.keys], ["logWeight", answer.logWeights]);
  const heading = ["id", ...columns.map(([name]) => name), ...(nameOf ? ["label"] : [])];
  const rows = Array.from(answer.ids, (id, i) => [
    id,
    ...columns.map(([, values]) => fixed(values[i] ?? 0, 4)),
    ...(nameOf ? [nameOf(id)] : []),
  ]);
  const facts = factLines([
    ...("threshold" in answer ? [["threshold", fixed(answer.threshold, 4)] as const] : []),
    ["classes scored", scoredOf(answer.scored, itemCount)],
    ["seed", String(answer.seed)],
  ]);
  return [...tableLines(heading, rows), "", ...facts];
}
