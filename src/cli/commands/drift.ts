import type { Command } from "commander";
import { hasCarriedStatistics } from "../../index/build-statistics.ts";
import { changesOption } from "../arguments/changes-option.ts";
import { readEvenly } from "../arguments/held-out.ts";
import { integer, MAX_COUNT } from "../arguments/values.ts";
import { withOpened } from "../asking/with-asked.ts";
import { changedRows, type RowsToMeasure } from "../drift/changed-rows.ts";
import { type ComparedIndex, fileDrift } from "../drift/file-drift.ts";
import type { Drifted, FoundDrift } from "../drift/found-drift.ts";
import { rowsOfIndex, rowsOfParts } from "../drift/rows-to-measure.ts";
import { serviceDrift } from "../drift/service-drift.ts";
import { readIndexFile } from "../files/stated-bytes.ts";
import { fixed } from "../output/fixed.ts";
import { factLines, tableLines } from "../output/table.ts";
import { type Io, printJson, printLines } from "../process/io.ts";
import { TOKEN_VARIABLE } from "../serving/token.ts";

interface DriftOptions {
  readonly queries?: string;
  readonly limit?: number;
  readonly changes?: readonly string[];
  readonly json?: true;
}

const DEFAULT_LIMIT = 500;
const count = integer(1, MAX_COUNT);

/** `midx drift`: compares answers with those to the build's queries, and prints the upkeep that is due. */
export function addDriftCommand(program: Command, io: Io): void {
  program
    .command("drift")
    .description("compare today's queries with those of the build, and say what the index needs")
    .argument(
      "<index>",
      "index file, or manifest or its URL, with --queries; or the http(s) address of a service, for the queries that it has answered",
    )
    .option("--queries <file>", "today's queries, in any input format of midx build")
    .option("--limit <n>", `maximum number of queries, evenly spaced in the file (default: ${DEFAULT_LIMIT})`, count)
    .addOption(changesOption())
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLE)
    .action(async (index: string, options: DriftOptions) => {
      const found = isService(index) ? await ofService(index, options, io) : await ofFile(index, options, io);
      if (options.json) printJson(io.stdout, found);
      else printLines(io.stdout, driftLines(found));
    });
}

const EXAMPLE = `
Examples:
  $ midx drift words.midx --queries today.safetensors
  $ midx drift https://words.example

The token of a service comes from the environment variable ${TOKEN_VARIABLE}.

What is due: nothing; reassign (midx build --warm-from), relearn (and --warm-passes 1) or
rebuild (midx build, from the table of the model that makes the queries).`;

/** A URL is that of a service, unless it names a manifest. */
const isService = (index: string): boolean => /^https?:\/\//.test(index) && !/\.json(?:[?#]|$)/.test(index);

function ofService(index: string, { queries, limit, changes }: DriftOptions, io: Io): Promise<FoundDrift> {
  for (const [name, value] of Object.entries({ "--queries": queries, "--limit": limit, "--changes": changes })) {
    if (value !== undefined) throw new RangeError(`'${name}' expected an index file, got the address of a service`);
  }
  return serviceDrift(new URL(index), io.env[TOKEN_VARIABLE], io.signal, fetch);
}

async function ofFile(file: string, options: DriftOptions, io: Io): Promise<FoundDrift> {
  const { queries: path, limit = DEFAULT_LIMIT, changes } = options;
  if (path === undefined) throw new RangeError("'midx drift' expected '--queries' beside an index file");
  const queriesFor = async (dim: number): Promise<Float32Array> => (await readEvenly(path, limit, dim)).queries;
  return withOpened(file, { changes }, io, {
    async ofIndex(index, applied) {
      const queries = await queriesFor(index.info.dim);
      const changed = applied.length === 0 ? undefined : await rowsOfIndex(index, await readIndexFile(file), applied);
      return driftOf(index, queries, changed, hasCarriedStatistics(index));
    },
    async ofParts(parts, applied) {
      const { index, manifest } = parts;
      const queries = await queriesFor(index.info.dim);
      const changed = applied.length === 0 ? undefined : await rowsOfParts(parts, applied);
      return driftOf(index, queries, changed, manifest.statistics?.carried === true);
    },
  });
}

async function driftOf(
  index: ComparedIndex,
  queries: Float32Array,
  changed: RowsToMeasure | undefined,
  isCarried: boolean,
): Promise<FoundDrift> {
  const measured = changed && (await changedRows(changed, queries));
  return { ...(await fileDrift(index, queries, measured)), ...(isCarried && CARRIED) };
}

const CARRIED = { reference: "carried" } as const;

function driftLines({ version, due, reason, queryCount, drifts, changes, reference }: FoundDrift): string[] {
  const { residualGrowth, residualError = 0 } = changes ?? {};
  return [
    ...factLines([
      ["due", due],
      ["because", reason],
      ...(version === undefined ? [] : [["version", version] as const]),
      ...(queryCount === undefined ? [] : [["queries", queryCount] as const]),
      ...(reference
        ? [["compared with", "an older version, so what changes did to answers counts, too"] as const]
        : []),
      ...(changes
        ? [
            ["changed rows", `${changes.rows}, with ${(100 * changes.share).toFixed(1)} % of Z`] as const,
            [
              "residual energy",
              residualGrowth === undefined
                ? "nothing to compare"
                : `${residualGrowth.toFixed(2)} ± ${residualError.toFixed(2)} times that of the file's rows`,
            ] as const,
          ]
        : []),
    ]),
    ...(drifts.length > 0 ? ["", ...driftTable(drifts)] : []),
  ];
}

const driftTable = (drifts: readonly Drifted[]): string[] =>
  tableLines(
    ["queries", "measure", "drift", "error"],
    drifts.map(({ band, measure, drift, error }) => [band, measure, fixed(drift, 2), fixed(error, 2)]),
  );
