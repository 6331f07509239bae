import { type Command, Option } from "commander";
import { INDEX_LIMITS } from "../../../worker/contract/limits.ts";
import { integer, MAX_COUNT, number } from "../arguments/values.ts";
import { openItemEncoder } from "../asking/item-encoder.ts";
import { withAsked } from "../asking/with-asked.ts";
import { textsOf } from "../inputs/text-source.ts";
import { factLines } from "../output/table.ts";
import { type CandidateOptions, candidateOf, POLICIES } from "../policy/candidate.ts";
import { readDraws, readPredictions, readQueries, readRewards } from "../policy/inputs.ts";
import { type JoinedValue, type JoinOptions, joinedValue, MISSING } from "../policy/joined-value.ts";
import { valueFacts } from "../policy/report.ts";
import { type Io, printJson, printLines } from "../process/io.ts";

interface PolicyValueOptions extends CandidateOptions, Pick<JoinOptions, "missing" | "clip"> {
  readonly index: string;
  readonly rewards: string;
  readonly queries: string;
  readonly predictions?: string;
  readonly drawnBy?: string;
  readonly json?: true;
}

/** `midx policy-value`: estimates from logged draws the value that another policy would have earned. */
export function addPolicyValueCommand(program: Command, io: Io): void {
  const command = program
    .command("policy-value")
    .description("estimate from logged draws what another index, temperature or proposal would have earned")
    .argument("<logs...>", "logs of a service with LOG_DRAWS, as JSON lines")
    .requiredOption("--index <file>", "index file or manifest of the candidate")
    .requiredOption("--rewards <file>", "JSON lines of requestId, row, id or label, and reward")
    .requiredOption(
      "--queries <file>",
      "JSON lines of requestId, row, vector or sequence, and the conditions that were sent",
    )
    .option(
      "--predictions <file>",
      "JSON lines of requestId, row, ids and predicted rewards, for the doubly robust estimate",
    )
    .optionsGroup("Candidate:")
    .addOption(
      new Option(
        "--policy <name>",
        "the softmax from all rows, the softmax with an estimated log Z, or the proposal of midx sample",
      )
        .choices(POLICIES)
        .default("softmax"),
    )
    .option("--temperature <T>", "temperature of the candidate (default: 1)", number(2 ** -20, 2 ** 20))
    .option("--scan <classes>", "head size, with --policy estimated or sample", integer(0, MAX_COUNT))
    .optionsGroup("Draws:")
    .addOption(
      new Option("--missing <reward>", "what a draw without a reward earns: zero, or none to leave it out")
        .choices(MISSING)
        .default("zero"),
    )
    .option(
      "--clip <weight>",
      "limit weights to this value, which biases the estimate",
      number(Number.MIN_VALUE, Number.MAX_VALUE),
    )
    .option("--drawn-by <version>", "only draws of this version of the index")
    .optionsGroup("Output:")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLE)
    .action(async (logs: string[], options: PolicyValueOptions) => {
      if (options.scan !== undefined && options.policy === "softmax") {
        command.error("error: '--scan' needs '--policy estimated' or '--policy sample'");
      }
      await printValue(logs, options, io);
    });
}

function caveatsOf({ predictsDrawsAlone }: JoinedValue, policy: PolicyValueOptions["policy"]): string[] {
  return [
    ...(policy === "estimated" ? ["log Z is estimated: every weight carries its error, and a bias with it"] : []),
    ...(predictsDrawsAlone
      ? ["rewards are predicted for drawn classes alone: the doubly robust estimate is biased"]
      : []),
  ];
}

const EXAMPLE = `
Examples:
  $ midx policy-value logs.jsonl --index next.midx --rewards rewards.jsonl --queries queries.jsonl
  $ midx policy-value logs.jsonl --index words.midx --temperature 0.7 --rewards rewards.jsonl --queries queries.jsonl

docs/ab-testing.md describes the files and the estimates.`;

async function printValue(logs: readonly string[], options: PolicyValueOptions, io: Io): Promise<void> {
  const { policy, temperature, scan, missing, clip, drawnBy, predictions } = options;
  // These limits decide which classes are scored exactly, and so what is drawn: a candidate has those of the service.
  const limits = { ...INDEX_LIMITS, maxScan: Math.max(scan ?? 0, INDEX_LIMITS.maxScan) };
  await withAsked(options.index, limits, io, async (index) => {
    const joined = {
      draws: readDraws(logs.map((file) => ({ file, lines: textsOf(file) }))),
      rewards: await readRewards(textsOf(options.rewards), options.rewards),
      queries: await readQueries(textsOf(options.queries), options.queries, index.info),
      ...(predictions !== undefined && { predictions: await readPredictions(textsOf(predictions), predictions) }),
    };
    const candidate = candidateOf(index, {
      policy,
      openEncoder: () => openItemEncoder(index),
      ...(temperature !== undefined && { temperature }),
      ...(scan !== undefined && { scan }),
    });
    const value = await joinedValue(joined, candidate, {
      ...(missing && { missing }),
      ...(clip !== undefined && { clip }),
      ...(drawnBy !== undefined && { version: drawnBy }),
    });
    if (options.json) return printJson(io.stdout, value);
    printLines(io.stdout, [...factLines(valueFacts(value)), ...caveatsOf(value, policy)]);
  });
}
