import type { Command } from "commander";
import { MOST_DELTA } from "../../../worker/live/live-settings.ts";
import { s3EndpointOption } from "../arguments/remote-options.ts";
import { integer, number } from "../arguments/values.ts";
import type { RemoteOptions } from "../remote/remote-files.ts";

/** Options of a service whose index changes. */
export interface LiveServeOptions extends Pick<RemoteOptions, "s3Endpoint"> {
  readonly log?: string;
  readonly writeTokenFile?: string;
  readonly deltaSeconds?: number;
  readonly maxDelta?: number;
  readonly passChanges?: true;
}

/** Adds the options of a service whose index changes. */
export const addLiveOptions = (command: Command): Command =>
  command
    .optionsGroup("Changes:")
    .option(
      "--log <place>",
      "accept changes at POST /v1/upsert and /v1/delete, and keep their log in this folder, or below s3://bucket/prefix",
    )
    .option("--write-token-file <file>", "file with the token that may write (default: nobody may)")
    .option(
      "--delta-seconds <number>",
      "seconds between looks for changes of other processes (default: 1)",
      number(0.05, 3600),
    )
    .option(
      "--max-delta <number>",
      "rows that changes may hold; writes that need more get a 507 (default: 20000, or as many as fit into 8 MB); with --part, it makes the part accept changes from its router",
      integer(1, MOST_DELTA),
    )
    .option(
      "--pass-changes",
      "with --part-at: pass the changes of a router above, which needs the token, on to the parts",
    )
    .addOption(s3EndpointOption());

/** Refuses options that only a log has. A part has room for changes, too: its router has their log. */
export function refuseWithoutLog(options: LiveServeOptions & { readonly part?: number }): void {
  const { writeTokenFile, deltaSeconds, s3Endpoint } = options;
  const maxDelta = options.part === undefined ? options.maxDelta : undefined;
  const given = { "--write-token-file": writeTokenFile, "--delta-seconds": deltaSeconds, "--max-delta": maxDelta };
  for (const [name, value] of Object.entries({ ...given, "--s3-endpoint": s3Endpoint })) {
    if (value !== undefined) throw new RangeError(`'${name}' expected '--log' beside it, which keeps the changes`);
  }
}
