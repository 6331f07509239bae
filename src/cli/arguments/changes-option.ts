import { RepeatedOption } from "./repeated-option.ts";

/** The option for files of changes. It is repeated and takes one file, so that the index may stand behind it. */
export const changesOption = (): RepeatedOption =>
  new RepeatedOption(
    "--changes <file>",
    "file of changes to apply to the index first; repeat it for several, in their order",
    (path) => path,
  );

/** Files of changes by names for messages. */
export const namedChanges = (paths: readonly string[] = []): Readonly<Record<string, string>> =>
  Object.fromEntries(paths.map((path, i) => [paths.length > 1 ? `--changes (${i + 1})` : "--changes", path]));
