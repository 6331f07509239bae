import { type Command, Option } from "commander";
import type { Feature } from "../../answers/options.ts";
import type { LoadOptions, MultiIndex } from "../../index.ts";
import { DEFAULT_LIMITS } from "../../memory/load-options.ts";
import { type NameOf, readLabels } from "../inputs/labels.ts";
import { openInput } from "../inputs/open.ts";
import { features, ids, integer, MAX_COUNT, number, seed, vector } from "./values.ts";

/** Options of `query` and `sample`: where the query comes from, and how it is answered. */
export interface QueryOptions {
  readonly vector?: Float32Array;
  readonly features?: readonly Feature[];
  readonly weights?: Float32Array;
  readonly queries?: string;
  readonly row?: number;
  readonly temperature?: number;
  readonly exclude?: readonly number[];
  readonly allow?: readonly number[];
  readonly exact?: true;
  readonly seed?: bigint;
  readonly labels?: string;
  readonly json?: true;
}

/** How large its answer is, and its work. */
export interface CallSize {
  readonly k?: number;
  readonly draws?: number;
  readonly scan?: number | "auto";
  readonly rescore?: number;
}

export const rescoreOption = (): Option =>
  new Option(
    "--rescore <classes>",
    "head and tail by the fine codes of all classes: how many, the best by code, to score exactly",
  ).argParser(integer(0, MAX_COUNT));

/** @param exactRefuses options of the command that have no meaning beside --exact */
export const addQueryOptions = (command: Command, exactRefuses: string[]): Command =>
  command
    .addOption(
      new Option("--vector <json>", "the query, a JSON array of numbers").argParser(vector).conflicts("queries"),
    )
    .addOption(
      new Option(
        "--features <words>",
        'the query, as features by name or id, of an index that has some: "the cat", or a JSON array where a name holds a space or comma',
      )
        .argParser(features)
        .conflicts(["vector", "queries"]),
    )
    .option("--weights <json>", "what each of --features weighs (default: what the index says)", vector)
    .option("--queries <file>", "a file of queries, of any input format")
    .option("--row <i>", "which row of --queries", integer(0, MAX_COUNT))
    .addOption(
      new Option("--exact", "certain answers: of all classes, draws from the softmax itself").conflicts(exactRefuses),
    )
    .option("--temperature <T>", "of the softmax of score / T (default: 1)", number(2 ** -20, 2 ** 20))
    .option("--exclude <ids>", "classes that take no part, as 3,17", ids)
    .option("--allow <ids>", "the only classes that take part", ids)
    .option("--seed <integer>", "makes the draws repeatable (default: a random one, which is printed)", seed)
    .option("--labels <file>", "a text file with the name of each class on a line (default: the labels in the index)")
    .option("--json", "print JSON");

const NOT_ASKED = ["vector", "features", "weights", "queries", "row", "labels", "json"] as const;

/** Options of the call itself: not where the query comes from, nor how its answer is printed. */
export function askedOf<Options extends QueryOptions>(options: Options): Omit<Options, (typeof NOT_ASKED)[number]> {
  const asked = { ...options };
  for (const name of NOT_ASKED) delete asked[name];
  return asked;
}

/** Memory is planned for the largest call that is allowed: for this one, where its options say how large it is. */
export const limitsFor = ({ k, draws, scan, rescore }: CallSize): LoadOptions => ({
  ...(k ? { maxK: k } : {}),
  ...(draws ? { maxDraws: draws } : {}),
  maxScan: Math.max(scan === "auto" ? 0 : (scan ?? 0), rescore ?? 0, DEFAULT_LIMITS.maxScan),
});

/** The query that the options name, and the names of the classes: those of a file, or of the index itself. */
export async function readQuestion(
  command: Command,
  options: QueryOptions,
  index: MultiIndex,
): Promise<{ query: Float32Array; nameOf: NameOf | undefined }> {
  return { query: await readQuery(command, options, index), nameOf: await namesOf(options, index) };
}

async function namesOf({ labels }: QueryOptions, index: MultiIndex): Promise<NameOf | undefined> {
  const { itemCount, hasLabels } = index.info;
  if (labels !== undefined) return readLabels(labels, itemCount);
  return hasLabels ? (id) => index.labels([id])[0] as string : undefined;
}

async function readQuery(command: Command, options: QueryOptions, index: MultiIndex): Promise<Float32Array> {
  const { dim } = index.info;
  const { features, weights } = options;
  if (features !== undefined) return index.query(features, weights ? { weights } : {});
  if (weights !== undefined) return command.error("error: '--weights' needs '--features'");
  if (options.row !== undefined && options.queries === undefined)
    return command.error("error: '--row' needs '--queries' to choose from");
  if (options.vector !== undefined) {
    if (options.vector.length === dim) return options.vector;
    return command.error(`error: option '--vector' expected ${dim} values, got ${options.vector.length}`);
  }
  if (options.queries === undefined)
    return command.error("error: one of '--vector', '--features' and '--queries' is needed");
  if (options.row === undefined) return command.error("error: '--queries' needs '--row' to choose one");
  return readRow(options.queries, options.row, dim);
}

async function readRow(path: string, row: number, dim: number): Promise<Float32Array> {
  const input = await openInput(path, { dim, dimOf: "the index", idField: false });
  try {
    if (row >= input.itemCount) {
      throw new RangeError(`${path}: "row" expected 0..${input.itemCount - 1}, got ${row}`);
    }
    for await (const values of input.rows(1, row)) return values;
    throw new Error(`${path}: row ${row} was not read`);
  } finally {
    await input.close();
  }
}
