import type { Command } from "commander";
import { factLines } from "../output/table.ts";
import { type Io, printJson, printLines } from "../process/io.ts";
import { promote } from "../publishing/promote.ts";
import { withSteps } from "../publishing/steps.ts";
import { addStoreOptions, type StoreOptions } from "../publishing/store-options.ts";
import { withStore } from "../publishing/with-store.ts";

interface PromoteOptions extends StoreOptions {
  readonly folder?: string;
  readonly json?: true;
}

/** `midx promote`: makes the canary the current version. */
export function addPromoteCommand(program: Command, io: Io): void {
  const command = program
    .command("promote")
    .description("make the canary the current version, after checking that its file is whole")
    .option("--json", "print one JSON event per line")
    .optionsGroup("Storage:");
  addStoreOptions(command)
    .addHelpText("after", EXAMPLE)
    .action((options: PromoteOptions) => promoteCanary(options, io));
}

const EXAMPLE = `
Examples:
  $ midx publish words.midx --as second --canary 0.05
  $ midx promote

A rollback then returns to the version that was current before.`;

async function promoteCanary(options: PromoteOptions, io: Io): Promise<void> {
  const { folder, json } = options;
  await withStore(folder, options, io, async ({ store, pointerKey }) => {
    const { pointer, from } = await withSteps(io, json ? "json" : "text", (onStep) =>
      promote(store, pointerKey, onStep),
    );
    if (json) printJson(io.stdout, { event: "promoted", store: store.name, key: pointerKey, from, ...pointer });
    else {
      printLines(
        io.stdout,
        factLines([
          ["current", pointer.version],
          ["was", from],
          ["in", `${store.name}: ${pointerKey}`],
        ]),
      );
    }
  });
}
