import { type Command, Option } from "commander";
import { defaultPool, LEAST_POOL, type Mixture, POOL_FACTOR } from "../../answers/recommend-options.ts";
import type { Diversity } from "../../index.ts";
import { integer, MAX_COUNT, number } from "./values.ts";

/** Options of `predict` for diverse answers. */
export interface DiversityArguments {
  readonly diversity?: number;
  readonly pool?: number;
}

/** Adds the options for diverse answers. */
export const addDiversityOptions = (command: Command): Command =>
  command
    .optionsGroup("Diversity:")
    .option(
      "--diversity <lambda>",
      "choose diverse classes from a pool of the best: the weight of the score against similarity, 0 to 1",
      number(0, 1),
    )
    .option(
      "--pool <classes>",
      `best classes to choose from, with --diversity (default: ${POOL_FACTOR} k, and at least ${LEAST_POOL})`,
      integer(0, MAX_COUNT),
    );

/** Returns the library's option, and the number of classes that the index must be able to find. */
export function diversityOf(
  command: Command,
  k: number,
  { diversity, pool }: DiversityArguments,
): { readonly found: number; readonly option: { readonly diversity?: Diversity } } {
  if (diversity === undefined) {
    return pool === undefined ? { found: k, option: {} } : command.error("error: '--pool' needs '--diversity'");
  }
  if (pool !== undefined && pool < k) command.error(`error: option '--pool' expected at least ${k} (-k), got ${pool}`);
  const found = pool ?? defaultPool(k, Number.POSITIVE_INFINITY);
  return { found, option: { diversity: { lambda: diversity, pool: found } } };
}

/** Options of `sample` for exploration. */
export interface MixtureArguments {
  readonly uniform?: number;
  readonly popular?: number;
  readonly power?: number;
}

/** Adds the options for exploration, which neither `--distinct` nor `--exact` takes. */
export const addMixtureOptions = (command: Command): Command =>
  command
    .optionsGroup("Exploration:")
    .addOption(
      new Option("--uniform <share>", "share of the draws that is uniform over all classes")
        .argParser(number(0, 1))
        .conflicts("distinct"),
    )
    .addOption(
      new Option("--popular <share>", "share of the draws that goes by popularity, e^bias")
        .argParser(number(0, 1))
        .conflicts("distinct"),
    )
    .option("--power <p>", "power of the popularity, with --popular (default: 1)", number(0, 1024));

/** Returns the library's option. */
export function mixtureOf(
  command: Command,
  { uniform, popular, power }: MixtureArguments,
): { readonly mixture?: Mixture } {
  if (power !== undefined && popular === undefined) command.error("error: '--power' needs '--popular'");
  if (uniform === undefined && popular === undefined) return {};
  if ((uniform ?? 0) + (popular ?? 0) > 1) {
    command.error("error: the shares '--uniform' and '--popular' expected a sum of at most 1");
  }
  const popularity = popular !== undefined && { share: popular, ...(power !== undefined && { power }) };
  return { mixture: { ...(uniform !== undefined && { uniform }), ...(popularity && { popularity }) } };
}
