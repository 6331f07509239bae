import { type Command, Option } from "commander";

/** Options of `publish` and `rollback`: which store, and which pointer in it. */
export interface StoreOptions {
  readonly config?: string;
  readonly env?: string;
  readonly key?: string;
  readonly remote?: true;
}

/** `folder` is the name of the option that takes a folder in place of all of these but the key. */
export const addStoreOptions = (command: Command, folder: string): Command =>
  command
    .addOption(
      new Option(
        "--config <file>",
        "the Worker's configuration, whose INDEX_SOURCE and bindings say where (default: wrangler.toml, .json or .jsonc of this folder)",
      ).conflicts(folder),
    )
    .addOption(new Option("--env <name>", "an environment in it").conflicts(folder))
    .option("--key <key>", "of the pointer, which ends in .json (default: INDEX_KEY; current.json in a folder)")
    .addOption(
      new Option(
        "--remote",
        "at Cloudflare, not in the local state of wrangler dev; R2 takes R2_ACCESS_KEY_ID, R2_SECRET_ACCESS_KEY and CLOUDFLARE_ACCOUNT_ID from the environment, KV CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID",
      ).conflicts(folder),
    );
