import type { Command } from "commander";
import { factLines } from "../output/table.ts";
import { type Io, notesOn, printJson, printLines } from "../process/io.ts";
import { rollback } from "../publishing/rollback.ts";
import { withSteps } from "../publishing/steps.ts";
import { addStoreOptions, type StoreOptions } from "../publishing/store-options.ts";
import { withStore } from "../publishing/with-store.ts";
import { logAt } from "../segments/log-at.ts";

interface RollbackOptions extends StoreOptions {
  readonly to?: string;
  readonly log?: string;
  readonly s3Endpoint?: string;
  readonly folder?: string;
  readonly incompatible?: true;
  readonly force?: true;
  readonly json?: true;
}

/** `midx rollback`: makes an earlier version current again. */
export function addRollbackCommand(program: Command, io: Io): void {
  const command = program
    .command("rollback")
    .description("make the previous version current again, after checking that its file is whole, or end a canary")
    .option("--to <version>", "published version to return to (default: the previous one, or the end of a canary)")
    .option(
      "--log <place>",
      "folder or s3://bucket/prefix with the log of changes that services follow (default: the one beside the pointer)",
    )
    .option("--s3-endpoint <url>", "endpoint of the buckets of --log (default: as the environment says)")
    .option("--json", "print one JSON event per line")
    .optionsGroup("Storage:");
  addStoreOptions(command)
    .optionsGroup("Checks:")
    .option("--incompatible", "return to a version that breaks clients of the current one")
    .option(
      "--force",
      "return to a version that needs more memory than a Worker has, or changes that the log no longer has",
    )
    .addHelpText("after", EXAMPLE)
    .action((options: RollbackOptions) => rollBack(options, io));
}

const EXAMPLE = `
Examples:
  $ midx rollback
  $ midx rollback --remote --to 2026-11-18
  $ midx rollback --folder public/words

If the log of changes no longer has what follows an older version, the rollback is refused, because a service that follows the
log would refuse that version. The command looks for the log beside the pointer, where a Worker with LOG = "segments" keeps it;
--log names another place. It cannot read a log in Durable Objects: then it relies on what compactions have noted beside the
pointer.

Services apply all changes that follow the version. The command counts their labels where it can read the log. If they are more
than MAX_DELTA, services take no new labels until the next midx compact; if a Worker has no memory for them, it refuses.

Each further rollback returns to the version before that. If there is a canary, the first rollback ends it, and the current
version answers all callers.`;

async function rollBack(options: RollbackOptions, io: Io): Promise<void> {
  const { to, folder, json, log, s3Endpoint } = options;
  if (s3Endpoint !== undefined && log === undefined) throw new RangeError("'--s3-endpoint' needs '--log'");
  const named = log !== undefined && {
    name: log,
    log: logAt(log, io, { ...(s3Endpoint !== undefined && { s3Endpoint }) }),
  };
  const overrides = { isIncompatible: options.incompatible ?? false, isForced: options.force ?? false };
  await withStore(folder, options, io, async ({ store, pointerKey, isDeployed, room }) => {
    const { outcome, pointer, from, changedLabels } = await withSteps(io, json ? "json" : "text", (onStep) =>
      rollback(store, pointerKey, {
        onStep,
        onNote: notesOn(io),
        isDeployed,
        room,
        ...overrides,
        ...(to !== undefined && { to }),
        ...(named && { log: named }),
      }),
    );
    const place = `${store.name}: ${pointerKey}`;
    if (json) {
      printJson(io.stdout, { event: outcome, store: store.name, key: pointerKey, from, changedLabels, ...pointer });
    } else if (outcome === "current") printLines(io.stdout, [`${from} is already current: ${place}`]);
    else {
      printLines(
        io.stdout,
        factLines([
          ["current", pointer.version],
          [outcome === "canary-ended" ? "ended" : "was", from],
          ["in", place],
          ...(changedLabels === undefined ? [] : ([["changed labels behind it", changedLabels]] as const)),
        ]),
      );
    }
  });
}
