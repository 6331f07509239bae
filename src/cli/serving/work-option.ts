import type { Command } from "commander";
import { DEFAULT_MAX_WORK } from "../../../worker/contract/limits.ts";
import { integer } from "../arguments/values.ts";

/** Adds the option that limits the work of a request. */
export const addWorkOption = (command: Command): Command =>
  command
    .optionsGroup("Limits:")
    .option(
      "--max-work <number>",
      `multiply-adds that one request may need, as MAX_WORK of a Worker (default: ${DEFAULT_MAX_WORK})`,
      integer(1, Number.MAX_SAFE_INTEGER),
    );
