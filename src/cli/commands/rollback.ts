import type { Command } from "commander";
import { factLines } from "../output/table.ts";
import { type Io, printJson, printLines } from "../process/io.ts";
import { rollback } from "../publishing/rollback.ts";
import { withSteps } from "../publishing/steps.ts";
import { addStoreOptions, type StoreOptions } from "../publishing/store-options.ts";
import { withStore } from "../publishing/with-store.ts";

interface RollbackOptions extends StoreOptions {
  readonly to?: string;
  readonly in?: string;
  readonly incompatible?: true;
  readonly force?: true;
  readonly json?: true;
}

/** `midx rollback`: a version that was published before is the current one again. */
export function addRollbackCommand(program: Command, io: Io): void {
  const command = program
    .command("rollback")
    .description("make the version before the current one current again, when all of its file has been read")
    .option("--to <version>", "another version that was published (default: the one before)")
    .option("--in <folder>", "a folder instead, as of midx publish --to");
  addStoreOptions(command, "in")
    .option("--incompatible", "go back though that breaks clients of the current version")
    .option("--force", "go back though a Worker has too little memory for both versions")
    .option("--json", "print one JSON event a line")
    .addHelpText("after", EXAMPLE)
    .action((options: RollbackOptions) => rollBack(options, io));
}

const EXAMPLE = `
Examples:
  $ midx rollback
  $ midx rollback --remote --to 2026-11-18
  $ midx rollback --in public/words

Another rollback goes on to the version before that.`;

async function rollBack(options: RollbackOptions, io: Io): Promise<void> {
  const { to, in: folder, json } = options;
  const insistence = { isIncompatible: options.incompatible ?? false, isForced: options.force ?? false };
  await withStore(folder, options, io, async ({ store, pointerKey, isDeployed }) => {
    const { outcome, pointer, from } = await withSteps(io, json ? "json" : "text", (onStep) =>
      rollback(store, pointerKey, { onStep, isDeployed, ...insistence, ...(to !== undefined && { to }) }),
    );
    const place = `${store.name}: ${pointerKey}`;
    if (json) printJson(io.stdout, { event: outcome, store: store.name, key: pointerKey, from, ...pointer });
    else if (outcome === "current") printLines(io.stdout, [`${from} is current already: ${place}`]);
    else {
      printLines(
        io.stdout,
        factLines([
          ["current", pointer.version],
          ["was", from],
          ["in", place],
        ]),
      );
    }
  });
}
