import { Option } from "commander";

/** The option for files of changes. It is repeated and takes one file, so that the index may stand behind it. */
export const changesOption = (): Option =>
  new Option(
    "--changes <file>",
    "file of changes to apply to the index first; repeat it for several, in their order",
  ).argParser((path: string, before: readonly string[] = []) => [...before, path]);

/** Files of changes by names for messages. */
export const namedChanges = (paths: readonly string[] = []): Readonly<Record<string, string>> =>
  Object.fromEntries(paths.map((path, i) => [paths.length > 1 ? `--changes (${i + 1})` : "--changes", path]));
