import { changeSetOf } from "../../src/changes/change-set-of.ts";
import type { DeltaFullError, SetToLog } from "../../src/changes/index.ts";
import { LiveProblem } from "../contract/live-problems.ts";
import { Problem } from "../contract/problem.ts";
import type { Changing } from "./changing.ts";
import { COMPACTION, inPart } from "./full-room.ts";
import type { NameOf } from "./given-changes.ts";

/**
 * Checks changes against the index that is served, so that no reader of the log refuses a set later.
 *
 * @throws Problem 400 that names the element, LiveProblem 400 for a set that has more than `maxDelta` rows by itself, and 507 if
 * changes would hold more rows or new labels with it, which names the `remedy`. Changes that increase neither may always be written.
 */
export async function checkSet(
  { index: { info }, check, maxDelta }: Pick<Changing, "index" | "check" | "maxDelta">,
  set: SetToLog,
  nameOf: NameOf,
  remedy = COMPACTION,
): Promise<void> {
  try {
    await check(changeSetOf(set, info), maxDelta);
  } catch (error) {
    const { name, message, code } = error as Error & { readonly code?: string };
    if (code === "delta_full") throw full(error as DeltaFullError, remedy); // by its code: the index may be of another bundle
    if (code === "router_full") throw new LiveProblem("delta_full", `${message}: ${remedy}`);
    if (name !== "RangeError" && name !== "TypeError") throw error;
    throw new Problem("invalid_field", inFieldNames(message, info.dim, nameOf));
  }
}

function full({ count, maxDelta, upserted, part }: DeltaFullError, remedy: string): LiveProblem {
  const [code, what] =
    upserted > maxDelta
      ? (["too_many_rows", `${upserted}: divide them`] as const)
      : (["delta_full", `${count}: ${remedy}`] as const);
  const expected = `changes expected at most ${maxDelta} rows or new labels${inPart(part)} (MAX_DELTA)`;
  return new LiveProblem(code, `${expected}, got ${what}, or raise MAX_DELTA`);
}

/** Writes a message of the library with the names of the request. */
const inFieldNames = (message: string, dim: number, nameOf: NameOf): string =>
  message
    .replace(/^"upserts\.rows"\[(\d+)\]/, (_, at) => `"${nameOf("rows", Math.floor(at / dim))}[${at % dim}]"`)
    .replace(/^"upserts\.(labels|biases|namespaces)"\[(\d+)\]/, (_, list, i) => `"${nameOf(list, Number(i))}"`)
    .replace(
      /^"upserts\.(rows|biases)" of row (\d+), .*?, expected/s,
      (_, list, i) => `"${nameOf(list, Number(i))}" expected`,
    )
    .replace(/^"metadata"\[(\d+)\](\.\S*)?/, (_, i, name = "") =>
      name === ".$namespace" ? `"${nameOf("namespaces", Number(i))}"` : `"${nameOf("metadata", Number(i))}${name}"`,
    )
    .replace(/^"removals"\[(\d+)\]/, (_, i) => `"${nameOf("labels", Number(i))}"`)
    .replace(/^"upserts(?:\.(\w+))?"/, (_, list = "labels") => `"${list}"`);
