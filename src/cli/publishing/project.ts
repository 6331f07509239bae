import { access } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { asking, loadWrangler, type Wrangler, type WranglerConfig } from "./wrangler.ts";

/** The configuration of a Worker, and the wrangler that read it. */
export interface Project {
  readonly configPath: string;
  /** The folder in which wrangler is installed, with its local state and the assets. */
  readonly folder: string;
  /** The NAME of [env.NAME]. */
  readonly environment: string | undefined;
  readonly config: WranglerConfig;
  readonly wrangler: Wrangler;
}

/** The names of configuration files, in wrangler's order. */
const NAMES = ["wrangler.json", "wrangler.jsonc", "wrangler.toml"];

/** Reads the configuration at `path`, or that of the current folder. */
export async function readProject(path: string | undefined, environment: string | undefined): Promise<Project> {
  const configPath = resolve(path ?? (await findConfig()));
  await access(configPath);
  const folder = dirname(configPath);
  const wrangler = await loadWrangler(folder);
  const args = { config: configPath, ...(environment !== undefined && { env: environment }) };
  const config = await asking(folder, () => wrangler.unstable_readConfig(args, { hideWarnings: true }));
  return { configPath, folder, environment, config, wrangler };
}

async function findConfig(): Promise<string> {
  for (const name of NAMES) {
    const isThere = await access(name).then(
      () => true,
      () => false,
    );
    if (isThere) return name;
  }
  throw new RangeError(
    "there is no wrangler.toml in this folder: name one with --config, or a folder to publish to with --folder",
  );
}
