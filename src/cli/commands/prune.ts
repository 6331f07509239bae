import { join } from "node:path";
import type { Command } from "commander";
import { folderOf } from "../../publication/pointer.ts";
import { integer, MAX_COUNT } from "../arguments/values.ts";
import { factLines } from "../output/table.ts";
import { type Io, printJson, printLines } from "../process/io.ts";
import { sweepFolder } from "../process/temporary-files.ts";
import { type Pruned, prune } from "../publishing/prune.ts";
import { withSteps } from "../publishing/steps.ts";
import { addStoreOptions, type StoreOptions } from "../publishing/store-options.ts";
import { withStore } from "../publishing/with-store.ts";

interface PruneOptions extends StoreOptions {
  readonly folder?: string;
  readonly keep: number;
  readonly graceSeconds: number;
  readonly dryRun?: true;
  readonly json?: true;
}

const HOUR = 3600;

/** `midx prune`: deletes versions that nothing names any more. */
export function addPruneCommand(program: Command, io: Io): void {
  const command = program
    .command("prune")
    .description("delete published versions and parts that nothing names any more")
    .option("--keep <n>", "number of versions before the current one to keep", integer(1, MAX_COUNT), 1)
    .option(
      "--grace-seconds <n>",
      "seconds between the prune that marks something and one that deletes it: longer than any publication takes",
      integer(0, MAX_COUNT),
      HOUR,
    )
    .option("--dry-run", "list what it would delete and mark, and change nothing")
    .option("--json", "print one JSON event per line")
    .optionsGroup("Storage:");
  addStoreOptions(command)
    .addHelpText("after", EXAMPLE)
    .action((options: PruneOptions) => pruneVersions(options, io));
}

const EXAMPLE = `
Examples:
  $ midx prune --dry-run
  $ midx prune --remote --keep 3

The current version, as many before it as --keep says, a canary, and the parts of all these are kept. Everything else in
versions/ and parts/ is marked, and deleted by a prune that runs at least --grace-seconds later: run it regularly, or twice. A
publication or a rollback that needs something removes its mark first, so it may run at the same time. With --grace-seconds 0
everything is deleted at once, so make sure that nothing is being published. KV has no conditional writes: prune it while
nothing is being published.`;

async function pruneVersions(options: PruneOptions, io: Io): Promise<void> {
  const { keep, graceSeconds, dryRun: isDryRun = false, folder, json } = options;
  await withStore(folder, options, io, async ({ store, pointerKey, folder: place }) => {
    if (place !== undefined && !isDryRun) await sweepPublished(join(place, folderOf(pointerKey)), io);
    const pruned = await withSteps(io, json ? "json" : "text", (onStep) =>
      prune(store, pointerKey, { keep, graceSeconds, isDryRun, onStep }),
    );
    if (json) printJson(io.stdout, { event: isDryRun ? "listed" : "pruned", store: store.name, ...pruned });
    else printLines(io.stdout, pruneLines(pruned, isDryRun));
  });
}

/** Removes what killed publications have left in a folder: temporary files, which no pointer names. */
async function sweepPublished(folder: string, io: Io): Promise<void> {
  for (const name of ["", "versions", "parts"]) await sweepFolder(join(folder, name), io);
}

function pruneLines({ kept, deleted, marked }: Pruned, isDryRun: boolean): string[] {
  const facts = factLines([
    ["kept", kept.join(", ")],
    [isDryRun ? "to delete" : "deleted", deleted.length],
    [isDryRun ? "to mark" : "marked", marked.length],
  ]);
  if (!isDryRun) return facts;
  return [...facts, ...deleted.map((key) => `delete ${key}`), ...marked.map((key) => `mark ${key}`)];
}
