import { type Command, Option } from "commander";
import { sequenceOf } from "../../publication/publishing/current.ts";
import { namedChanges } from "../arguments/changes-option.ts";
import { givenOption } from "../arguments/given-option.ts";
import { compactFile } from "../compacting/compact-file.ts";
import { compactManifest } from "../compacting/compact-manifest.ts";
import { type CompactedVersion, compactPublished } from "../compacting/compact-published.ts";
import type { MeasureOptions } from "../compacting/measure-options.ts";
import { checkOutputs } from "../files/check-outputs.ts";
import { factLines } from "../output/table.ts";
import { type Io, printJson, printLines } from "../process/io.ts";
import { readManifestFile } from "../publishing/manifest-file.ts";
import { withSteps } from "../publishing/steps.ts";
import { addStoreOptions, type StoreOptions } from "../publishing/store-options.ts";
import { withStore } from "../publishing/with-store.ts";
import { logAt, sweepLog } from "../segments/log-at.ts";

interface CompactArguments extends StoreOptions {
  readonly changes?: readonly string[];
  readonly output?: string;
  readonly log?: string;
  readonly s3Endpoint?: string;
  readonly as?: string;
  readonly calibrate?: "quick" | "full" | "carry";
  readonly queries?: string;
  readonly labels?: "ids";
  readonly folder?: string;
  readonly incompatible?: true;
  readonly force?: true;
  readonly json?: true;
}

/** Options that only the next published version has a use for. */
const OF_VERSIONS = [
  ...["--s3-endpoint", "--as", "--folder", "--config", "--env", "--key", "--remote", "--incompatible", "--force"],
];

/** `midx compact`: makes a new index of an older one and its changes. */
export function addCompactCommand(program: Command, io: Io): void {
  const command = program
    .command("compact")
    .description("make a new index file of an index and its changes, without learning codebooks again")
    .argument("[file]", "index file or manifest; without it, the published version and the changes of --log")
    .option("--changes <file...>", "files of changes of the index or of the parts, in their order")
    .option("-o, --output <file>", "index file or manifest to write; new parts are written beside the manifest")
    .addOption(
      new Option(
        "--calibrate <effort>",
        "measure error bars and recall curves on the new index, or carry those of the older one over",
      )
        .choices(["quick", "full", "carry"])
        .default("quick"),
    )
    .option("--queries <file>", "queries to measure with, in any input format of midx build (default: stand-ins)")
    .addOption(
      new Option("--labels <kind>", "for an index without labels: write its ids as labels of the new one").choices([
        "ids",
      ]),
    )
    .option("--json", "print one JSON event per line")
    .optionsGroup("Published versions:")
    .option("--log <place>", "folder or s3://bucket/prefix with the log of changes, as midx serve --log writes it")
    .option("--s3-endpoint <url>", "endpoint of the buckets of --log (default: as the environment says)")
    .option("--as <version>", "name of the new version (default: from its content id)");
  addStoreOptions(command)
    .option("--incompatible", "publish a version that breaks clients of the current one")
    .option("--force", "publish a version that needs more memory than a Worker certainly has for it")
    .addHelpText("after", EXAMPLE)
    .action(async (file: string | undefined, options: CompactArguments) => {
      if (file === undefined) {
        if (options.log === undefined) command.error("error: expected an index file, or '--log'");
        for (const name of ["changes", "output"] as const) {
          if (options[name] !== undefined) command.error(`error: '--${name}' expected an index file beside it`);
        }
        return compactVersion(options.log as string, options, io);
      }
      if (options.log !== undefined) command.error("error: '--log' expected no index file: it takes the published one");
      const given = givenOption(command, OF_VERSIONS);
      if (given) {
        command.error(`error: '${given}' expected '--log' beside it: an index file is compacted into another file`);
      }
      if (options.changes === undefined)
        command.error("error: 'midx compact' expected '--changes' beside an index file");
      if (options.output === undefined) command.error("error: 'midx compact' expected '--output' beside an index file");
      await compactInto(options.output as string, file, options, io);
    });
}

const EXAMPLE = `
Examples:
  $ midx compact items.midx --changes monday.midxd tuesday.midxd -o new.midx
  $ midx compact items/manifest.json --changes monday.midxd -o items/new.json
  $ midx compact --folder public/items --log items-log

Rows are copied as they are stored, and classes keep their order; the gaps in the ids of removed classes close up. Parts without
changes stay as they are, byte for byte. Whatever happens, readers see a whole version: a single
conditional write makes the new one current, and the command gives up if another publication came first. Then the log is
trimmed to the changes that the current version, the previous one, or a version of another pointer in the folder lacks.`;

async function compactInto(output: string, file: string, options: CompactArguments, io: Io): Promise<void> {
  const { changes = [], queries, json } = options;
  await checkOutputs({ "<file>": file, "--queries": queries, ...namedChanges(changes) }, { "--output": output }, io);
  const manifest = await readManifestFile(file);
  const measuring = measureOptions(options, io);
  const report = manifest
    ? await withSteps(io, json ? "json" : "text", (onStep) =>
        compactManifest({ file, manifest, changes, output, options: measuring, onStep }),
      )
    : await compactFile(file, changes, output, measuring);
  const { newIds: _, ...facts } = { newIds: undefined, ...report };
  if (json) printJson(io.stdout, { event: "compacted", output, ...report });
  else printLines(io.stdout, factLines(Object.entries({ output, ...facts })));
}

async function compactVersion(place: string, options: CompactArguments, io: Io): Promise<void> {
  const { folder, json, as: version, s3Endpoint } = options;
  await sweepLog(place, io);
  const log = logAt(place, io, { ...(s3Endpoint !== undefined && { s3Endpoint }) });
  const overrides = { isIncompatible: options.incompatible ?? false, isForced: options.force ?? false };
  await withStore(folder, options, io, async ({ store, pointerKey, isDeployed, room }) => {
    const compacted = await withSteps(io, json ? "json" : "text", (onStep) =>
      compactPublished(store, pointerKey, log, {
        compact: measureOptions(options, io),
        onStep,
        isDeployed,
        room,
        ...overrides,
        ...(version !== undefined && { version }),
      }),
    );
    const { outcome, pointer, report, trimmed } = compacted;
    if (json) {
      printJson(io.stdout, { event: outcome, store: store.name, key: pointerKey, trimmed, ...report, ...pointer });
    } else printLines(io.stdout, versionLines(compacted, `${store.name}: ${pointerKey}`, place));
  });
}

function measureOptions(options: CompactArguments, { signal }: Io): MeasureOptions {
  const { calibrate = "quick", queries: queriesFile, labels } = options;
  return { calibrate, signal, ...(labels && { labels }), ...(queriesFile !== undefined && { queriesFile }) };
}

function versionLines(
  { outcome, pointer, report, trimmed }: CompactedVersion,
  place: string,
  logPlace: string,
): string[] {
  if (!report || outcome === "current") {
    const { version } = pointer;
    // A place where no service has written looks like an empty log, so a wrong one is named.
    return sequenceOf(pointer) === 0
      ? [`the log ${logPlace} has no changes, so ${version} stays: ${place}`]
      : [`${version} has all changes of the log: ${place}`];
  }
  const { newIds: _, ...facts } = { newIds: undefined, ...report };
  return factLines(
    Object.entries({
      published: pointer.version,
      in: place,
      ...facts,
      previous: pointer.previous ?? "none",
      "log trimmed up to": trimmed,
    }),
  );
}
