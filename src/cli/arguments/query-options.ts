import { type Command, Option } from "commander";
import { PROPOSALS, type Proposal } from "../../answers/options.ts";
import type { Filter } from "../../columns/filter.ts";
import type { IndexInfo, LoadOptions } from "../../index.ts";
import { DEFAULT_LIMITS } from "../../memory/load-options.ts";
import { type NameOf, readLabels } from "../inputs/labels.ts";
import { openInput } from "../inputs/open.ts";
import { changesOption } from "./changes-option.ts";
import { conditionsOf, type GivenConditions, type LabelledIndex } from "./given-classes.ts";
import { type FeaturesIndex, featuresOf, type GivenFeatures } from "./given-features.ts";
import { type OpenGivenEncoder, queryOfSequence } from "./given-sequence.ts";
import { classes, features, filter, integer, logitBias, MAX_COUNT, number, seed, vector } from "./values.ts";

/** Options that `predict`, `sample` and `decode` share: the source of the query, and the way to answer it. */
export interface QueryOptions extends GivenConditions {
  readonly vector?: Float32Array;
  readonly features?: GivenFeatures;
  readonly weights?: Float32Array;
  readonly sequence?: GivenFeatures;
  readonly queries?: string;
  readonly row?: number;
  readonly temperature?: number;
  readonly filter?: Filter;
  readonly namespace?: string;
  readonly repetitionPenalty?: number;
  readonly presencePenalty?: number;
  readonly frequencyPenalty?: number;
  readonly exact?: true;
  readonly seed?: bigint;
  readonly labels?: string;
  readonly changes?: readonly string[];
  readonly json?: true;
}

/** The index that a query is read for, or several parts that answer as one. */
export interface QueriedIndex extends FeaturesIndex, LabelledIndex {
  readonly info: FeaturesIndex["info"] & Pick<IndexInfo, "itemCount" | "dim" | "hasLabels">;
  labels(ids: ArrayLike<number>): string[];
}

/** Options that determine the memory and the work of a call. */
export interface CallSize extends Pick<QueryOptions, "bias" | "history"> {
  readonly k?: number;
  readonly draws?: number;
  readonly scan?: number | "auto";
}

/** The option that chooses the search for the head and the quantisation of the tail. */
export interface ProposalArgument {
  readonly proposal?: Proposal;
}

export const proposalOption = (): Option =>
  new Option(
    "--proposal <name>",
    "find the head and sample the tail by buckets, or by the fine codes of all classes (default: buckets)",
  ).choices(PROPOSALS);

/** @param exactRefuses the options of the command that conflict with --exact */
export const addQueryOptions = (command: Command, exactRefuses: string[]): Command =>
  addSourceOptions(
    command
      .optionsGroup("Randomness:")
      .addOption(
        new Option(
          "--exact",
          "no estimates: exact probabilities from all classes, and draws from the softmax itself",
        ).conflicts(exactRefuses),
      ),
    new Option("--temperature <T>", "temperature: the softmax of score / T (default: 1)").argParser(
      number(...TEMPERATURES),
    ),
  );

/** The least and the largest temperature that scores are divided by. */
export const TEMPERATURES = [2 ** -20, 2 ** 20] as const;
const PENALTY_LIMIT = 2 ** 20;

/** Adds the options of a query, of the conditions of its softmax, and of the output. */
export function addSourceOptions(command: Command, temperature: Option): Command {
  command
    .optionsGroup("Randomness:")
    .option("--seed <integer>", "seed that makes the draws repeatable (default: random, and printed)", seed);
  addSource(command);
  addConditions(command, temperature);
  return command
    .optionsGroup("Index:")
    .addOption(changesOption())
    .optionsGroup("Output:")
    .option("--labels <file>", "text file with one class label per line (default: the labels in the index)")
    .option("--json", "print JSON");
}

const addSource = (command: Command): Command =>
  command
    .optionsGroup("Query:")
    .addOption(
      new Option("--vector <json>", "query vector, as a JSON array of numbers").argParser(vector).conflicts("queries"),
    )
    .addOption(
      new Option(
        "--features <words>",
        'names or ids of features to encode the query from, for an index with features: "the cat", or a JSON array if a name contains a space or a comma. A word of digits is a name if a feature has it, and else an id; in a JSON array a string is a name, and a number an id',
      )
        .argParser(features)
        .conflicts(["vector", "queries"]),
    )
    .option("--weights <json>", "weight of each feature (default: the pooling of the index)", vector)
    .addOption(
      new Option(
        "--sequence <items>",
        'labels of items, or ids if the index has no labels, in the order in which they occurred, for an index with an encoder: "item-17 item-4", or a JSON array if a label contains a space or a comma',
      )
        .argParser(features)
        .conflicts(["vector", "features", "queries"]),
    )
    .option("--queries <file>", "file of queries, in any input format of midx build")
    .option("--row <i>", "row of --queries, from 0", integer(0, MAX_COUNT));

const addConditions = (command: Command, temperature: Option): Command =>
  command
    .optionsGroup("Conditions of the softmax:")
    .addOption(temperature)
    .option(
      "--exclude <classes>",
      "classes to leave out: ids such as 3,17, or labels, in quotes if they are numbers; a JSON array if a label contains a space or a comma",
      classes,
    )
    .option("--allow <classes>", "the only classes to consider, written likewise", classes)
    .option("--filter <json>", 'values in columns of the classes to consider, such as {"category":"shoes"}', filter)
    .option("--namespace <name>", "namespace of the classes to consider")
    .option("--bias <list>", "numbers to add to scores, such as 3=2.5,17=-Infinity, which bans 17", logitBias)
    .option(
      "--history <classes>",
      "classes that were seen, with repetitions, such as 3,17,3, for the penalties",
      classes,
    )
    .option(
      "--repetition-penalty <r>",
      "divide a positive score of a class in --history by r, and multiply any other score by it (default: 1)",
      number(1 / PENALTY_LIMIT, PENALTY_LIMIT),
    )
    .option(
      "--presence-penalty <p>",
      "subtract p from the score of a class in --history (default: 0)",
      number(-PENALTY_LIMIT, PENALTY_LIMIT),
    )
    .option(
      "--frequency-penalty <p>",
      "subtract p once for each time that --history has the class (default: 0)",
      number(-PENALTY_LIMIT, PENALTY_LIMIT),
    );

type OtherOption = "vector" | "features" | "weights" | "sequence" | "queries" | "row" | "labels" | "changes" | "json";

/**
 * Returns the options of the library's call, without those that name the query's source or print the answer, and with the ids of
 * labels in conditions.
 */
export async function callOptions<Options extends QueryOptions>(options: Options, index: LabelledIndex) {
  const { vector, features, weights, sequence, queries, row, labels, changes, json, ...rest } = options;
  const { exclude, allow, history, bias, ...call } = rest;
  const given = {
    ...(exclude && { exclude }),
    ...(allow && { allow }),
    ...(history && { history }),
    ...(bias && { bias }),
  };
  return { ...(call as Omit<Options, OtherOption | keyof GivenConditions>), ...(await conditionsOf(given, index)) };
}

/**
 * Returns limits for which the index plans enough memory for this call. They are at least those of the library: a second try may
 * draw more than the call asks for.
 */
export const limitsFor = ({ k, draws, scan, bias, history }: CallSize): LoadOptions => ({
  maxK: Math.max(k ?? 0, DEFAULT_LIMITS.maxK),
  maxDraws: Math.max(draws ?? 0, DEFAULT_LIMITS.maxDraws),
  maxScan: Math.max(scan === "auto" ? 0 : (scan ?? 0), DEFAULT_LIMITS.maxScan),
  maxChanged: Math.max((bias?.ids.length ?? 0) + (history?.length ?? 0), DEFAULT_LIMITS.maxChanged),
});

/** Reads the query that the options name, and the labels of the classes: from a file, or from the index itself. */
export async function readQueryAndLabels(
  command: Command,
  options: QueryOptions,
  index: QueriedIndex,
  openEncoder: OpenGivenEncoder,
): Promise<{ query: Float32Array; nameOf: NameOf | undefined }> {
  return { query: await readQuery(command, options, index, openEncoder), nameOf: await namesOf(options, index) };
}

async function namesOf({ labels }: QueryOptions, index: QueriedIndex): Promise<NameOf | undefined> {
  const { itemCount, hasLabels } = index.info;
  if (labels !== undefined) return readLabels(labels, itemCount);
  return hasLabels ? (id) => index.labels([id])[0] as string : undefined;
}

async function readQuery(
  command: Command,
  options: QueryOptions,
  index: QueriedIndex,
  openEncoder: OpenGivenEncoder,
): Promise<Float32Array> {
  const { dim } = index.info;
  const { features, weights, sequence } = options;
  if (features !== undefined) return encoded(index, features, weights);
  if (weights !== undefined) return command.error("error: '--weights' needs '--features'");
  if (sequence !== undefined) return queryOfSequence(sequence, index.info, openEncoder);
  if (options.row !== undefined && options.queries === undefined)
    return command.error("error: '--row' needs '--queries'");
  if (options.vector !== undefined) {
    if (options.vector.length === dim) return options.vector;
    return command.error(`error: option '--vector' expected ${dim} values, got ${options.vector.length}`);
  }
  if (options.queries === undefined)
    return command.error("error: one of '--vector', '--features', '--sequence' and '--queries' is required");
  if (options.row === undefined) return command.error("error: '--queries' needs '--row'");
  return readRow(options.queries, options.row, dim);
}

/** Makes a query from features. The library's remedy for an index with an encoder is a call, and here it is a command. */
function encoded(index: QueriedIndex, given: GivenFeatures, weights: Float32Array | undefined): Float32Array {
  try {
    return index.encode(featuresOf(index, given), weights ? { weights } : {});
  } catch (error) {
    const { message } = error as Error;
    const command = "pass its items as '--sequence'";
    throw Object.assign(error as Error, {
      message: message.replace("call openEncoder of midx/encoder first", command),
    });
  }
}

async function readRow(path: string, row: number, dim: number): Promise<Float32Array> {
  const input = await openInput(path, { dim, dimOf: "the index", idField: false });
  try {
    if (input.itemCount === 0) throw new RangeError(`${path}: expected at least one query, got none`);
    if (row >= input.itemCount) {
      throw new RangeError(`${path}: '--row' expected 0..${input.itemCount - 1}, got ${row}`);
    }
    for await (const values of input.rows(1, row)) return values;
    throw new Error(`${path}: row ${row} was not read`);
  } finally {
    await input.close();
  }
}
