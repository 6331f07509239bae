import { type Command, InvalidArgumentError, Option } from "commander";
import type { DecodeStep } from "../../decode/decode-options.ts";
import type { Decoded } from "../../index.ts";
import {
  addSourceOptions,
  callOptions,
  limitsFor,
  type QueryOptions,
  readQueryAndLabels,
  TEMPERATURES,
} from "../arguments/query-options.ts";
import { integer, MAX_COUNT, number, zeroOrNumber } from "../arguments/values.ts";
import { openItemEncoder } from "../asking/item-encoder.ts";
import { withAsked } from "../asking/with-asked.ts";
import type { NameOf } from "../inputs/labels.ts";
import { fixed } from "../output/fixed.ts";
import { scoredOf } from "../output/scored.ts";
import { factLines, tableLines } from "../output/table.ts";
import { type Io, printJson, printLines } from "../process/io.ts";

interface DecodeCommandOptions extends QueryOptions {
  readonly topK?: number;
  readonly topP?: number;
  readonly minP?: number;
  readonly order?: readonly DecodeStep[];
  readonly certain?: true;
  readonly targetError?: number;
  readonly topLogProbabilities?: number;
}

/** `midx decode`: draws one class from the truncated softmax of a query, as decoders of language models do. */
export function addDecodeCommand(program: Command, io: Io): void {
  const command = program
    .command("decode")
    .description("draw the next token as decoders of language models do, from the truncated softmax")
    .argument("<file>", "index file, or manifest")
    .optionsGroup("Truncation:")
    .option("--top-k <k>", "keep the k best classes (default: all)", integer(0, MAX_COUNT))
    .option(
      "--top-p <p>",
      "keep the best classes until their probabilities add up to p, above 0 (default: 1)",
      number(0, 1),
    )
    .option(
      "--min-p <share>",
      "keep classes at least this many times as probable as the best (default: 0)",
      number(0, 1),
    )
    .option(
      "--order <steps>",
      "order of the temperature and the truncations (default: temperature,min-p,top-k,top-p)",
      order,
    )
    .addOption(
      new Option("--certain", "decide --top-p by the exact log-partition, at the cost of a scan of all rows").conflicts(
        "targetError",
      ),
    )
    .option(
      "--target-error <share>",
      "share of the kept probability that may be in doubt, with --top-p as the first truncation (default: 0.05)",
      number(0, Number.MAX_VALUE),
    )
    .option(
      "--top-log-probabilities <count>",
      "also print this many of the best classes, with their log-probabilities before any truncation",
      integer(0, MAX_COUNT),
    );
  const temperature = new Option(
    "--temperature <T>",
    "temperature: the softmax of score / T, or 0 for the best class (default: 1)",
  ).argParser(zeroOrNumber(...TEMPERATURES));
  addSourceOptions(command, temperature)
    .addHelpText("after", EXAMPLE)
    .action(async (file: string, options: DecodeCommandOptions) => {
      if (options.targetError !== undefined && options.topP === undefined) {
        command.error("error: '--target-error' needs '--top-p'");
      }
      await withAsked(file, { ...limitsOf(options), changes: options.changes }, io, async (index) => {
        const { query, nameOf } = await readQueryAndLabels(command, options, index, () => openItemEncoder(index));
        const answer = await index.decode(query, await callOptions(options, index));
        if (options.json) printJson(io.stdout, { ...answer, ...(nameOf && { label: nameOf(answer.id) }) });
        else printLines(io.stdout, decodedLines(answer, index.info.itemCount, nameOf));
      });
    });
}

const EXAMPLE = `
Examples:
  $ midx decode next-word.midx --queries queries.safetensors --row 2 --temperature 0.8 --min-p 0.05 --seed 7
  $ midx decode next-word.midx --queries queries.safetensors --row 2 --top-p 0.9 --certain --top-log-probabilities 5
  $ midx decode next-word.midx --queries queries.safetensors --row 2 --history 17,4,17 --repetition-penalty 1.1
  $ midx decode words.midx --features "of capital the" --temperature 0 --bias 3=2.5,17=-Infinity`;

const limitsOf = ({ topK = 0, topLogProbabilities = 0, ...options }: DecodeCommandOptions) =>
  limitsFor({ ...options, k: Math.max(topK, topLogProbabilities) });

const STEPS: Readonly<Record<string, DecodeStep>> = {
  temperature: "temperature",
  "min-p": "minP",
  "top-k": "topK",
  "top-p": "topP",
};

/** Parses the order of the steps, which are spelled as their options are. */
function order(text: string): DecodeStep[] {
  const steps = text.split(",").map((name) => (Object.hasOwn(STEPS, name) ? STEPS[name] : undefined));
  const known = steps.filter((step) => step !== undefined);
  if (known.length === steps.length && new Set(known).size === known.length) return known;
  throw new InvalidArgumentError(`Expected ${Object.keys(STEPS).join(", ")} separated by commas, each once.`);
}

function decodedLines(answer: Decoded, itemCount: number, nameOf: NameOf | undefined): string[] {
  const { id, score, logProbability, kept, decided, undecided, standardError, top } = answer;
  const named = (classId: number) => (nameOf ? [nameOf(classId)] : []);
  const label = nameOf ? ["label"] : [];
  const drawn = tableLines(
    ["id", "logProbability", "score", ...label],
    [[id, fixed(logProbability, 4), fixed(score, 4), ...named(id)]],
  );
  const best = top
    ? tableLines(
        ["best before truncation", "logProbability", ...label],
        Array.from(top.ids, (classId, i) => [classId, fixed(top.logProbabilities[i] ?? 0, 4), ...named(classId)]),
      )
    : [];
  const facts = factLines([
    ["classes kept", `${kept} of ${itemCount}`],
    ["decided by", decided === "estimate" ? `an estimate, ${undecided} classes undecided` : DECISIONS[decided]],
    ...(standardError > 0 ? [["standard error", standardError.toExponential(1)] as const] : []),
    ["classes scored", scoredOf(answer.scored, itemCount)],
    ["seed", String(answer.seed)],
  ]);
  return [...drawn, "", ...(best.length > 0 ? [...best, ""] : []), ...facts];
}

const DECISIONS = { bounds: "bounds of all scores", exact: "all classes" } as const;
