// Measures one head: builds its indexes, asks them, and keeps finished results, so that a run can be continued.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { BuildOptions } from "../../src/train/build/build-options.ts";
import { buildMeasured, load } from "../library.ts";
import { type Asked, askedOf } from "./asked.ts";
import { checkBounds, effortsOf, measureCell, TEMPERATURES } from "./grid.ts";
import { type HeadName, sourceOf } from "./heads.ts";
import { measureRecall } from "./recall.ts";
import type { BuildKind, BuildResult, HeadResult } from "./result.ts";
import type { TrustHead } from "./trust-head.ts";
import { likeliestShareOf, type StoredClasses, storedClasses } from "./truth.ts";

export interface MeasureOptions {
  readonly isQuick: boolean;
  /** A folder of results by head and build. What is there is not measured again. */
  readonly folder: string;
}

const BUILDS: readonly BuildKind[] = [
  { isInformed: false, hasFineCodes: false },
  { isInformed: false, hasFineCodes: true },
  { isInformed: true, hasFineCodes: false },
  { isInformed: true, hasFineCodes: true },
];
const QUICK_QUERIES = 150;
const GIVEN_QUERIES = 512;
const BOUNDED_QUERIES = 50;
/** The number of classes whose share of Z says how peaked a head is. */
const LIKELIEST = 1024;
/** One seed: the answers of a query go together, so more queries say more than more seeds. */
const SEEDS = [1];

export async function measureHead(name: HeadName, { isQuick, folder }: MeasureOptions): Promise<HeadResult> {
  const head = await sourceOf(name).load();
  const { itemCount, dim, bias, counts } = head;
  const most = Math.min(
    sourceOf(name).judged,
    Math.floor(head.queries.length / dim / 2),
    isQuick ? QUICK_QUERIES : Infinity,
  );
  const queries = head.queries.subarray(0, most * dim);
  let classes: StoredClasses | undefined;
  let asked: Asked[] = [];
  let likeliestShare = 0;
  const builds: BuildResult[] = [];
  for (const kind of BUILDS) {
    const title = `${name}, ${kind.isInformed ? "with queries" : "plain"}${kind.hasFineCodes ? ", fine codes" : ""}`;
    const path = `${folder}/${title.replaceAll(/[^a-z0-9]+/gi, "-")}.json`;
    if (existsSync(path)) {
      const done = JSON.parse(readFileSync(path, "utf8"), unlisted) as { build: BuildResult; likeliestShare: number };
      builds.push(done.build);
      likeliestShare = done.likeliestShare;
      continue;
    }
    const start = performance.now();
    const file = await buildMeasured({ data: head.data, shape: [itemCount, dim] }, optionsOf(head, kind));
    const buildSeconds = (performance.now() - start) / 1000;
    const index = await load(file);
    if (classes === undefined) {
      // The rows that are stored do not depend on the build but for their row type.
      classes = storedClasses(index, bias);
      asked = askedOf(classes, queries, TEMPERATURES, LIKELIEST);
      likeliestShare = likeliestShareOf(asked.map(({ truth }) => truth));
    }
    const cells = effortsOf(kind.hasFineCodes, isQuick).map((effort) => measureCell(index, asked, effort, SEEDS));
    const bounds = checkBounds(index, asked.slice(0, BOUNDED_QUERIES));
    const recall = kind.hasFineCodes ? measureRecall(index, asked, classes) : [];
    index.dispose();
    const result: BuildResult = { ...kind, buildSeconds, cells, bounds, recall };
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, JSON.stringify({ likeliestShare, build: result }, listed));
    builds.push(result);
    console.log(`${title}: ${((performance.now() - start) / 1000).toFixed(0)} s`);
  }
  const facts = { itemCount, dim, hasBias: bias !== undefined, hasCounts: counts !== undefined };
  return { name, ...facts, queryCount: most, likeliestShare, builds };
}

/** Returns the options that a user gives. `buildMeasured` adds recall curves with fine codes, and a quick calibration. */
function optionsOf(head: TrustHead, { isInformed, hasFineCodes }: BuildKind): BuildOptions {
  const { bias, counts, queries, dim } = head;
  const half = Math.floor(queries.length / dim / 2) * dim;
  return {
    fineCodes: hasFineCodes,
    ...(bias && { bias }),
    ...(isInformed && counts && { counts }),
    ...(isInformed && { queries: queries.slice(half, half + GIVEN_QUERIES * dim) }),
  };
}

/** JSON has no Infinity. */
const listed = (_key: string, value: unknown): unknown => (value === Infinity ? "Infinity" : value);
const unlisted = (_key: string, value: unknown): unknown => (value === "Infinity" ? Infinity : value);
