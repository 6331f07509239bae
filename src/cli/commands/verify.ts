import type { Command } from "commander";
import { withIndex } from "../files/index-file.ts";
import { type Io, printJson, printLines } from "../process/io.ts";

/** `midx verify`: checks every byte of an index file. The exit code for a bad file is 3. */
export function addVerifyCommand(program: Command, io: Io): void {
  program
    .command("verify")
    .description("check every byte of an index file and print its content id")
    .argument("<file>", "index file")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLE)
    .action((file: string, options: { readonly json?: true }) =>
      withIndex(file, {}, ({ info }) => {
        if (options.json) printJson(io.stdout, { ok: true, contentId: info.contentId });
        else printLines(io.stdout, [`ok ${info.contentId}`]);
      }),
    );
}

const EXAMPLE = `
Example:
  $ midx verify next-word.midx || echo "do not ship it"

Exit codes: 0 the file is intact, 3 it is damaged, truncated or not an index file.`;
