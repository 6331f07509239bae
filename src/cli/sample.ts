import type { Command } from "commander";
import { integer } from "./arguments.ts";
import { withIndex } from "./index-file.ts";
import { type Io, printJson, printLines } from "./io.ts";
import { addQueryOptions, limitsFor, type QueryOptions, readQuestion } from "./query-options.ts";
import { factLines, tableLines } from "./table.ts";

interface SampleOptions extends QueryOptions {
  readonly draws: number;
}

/** `midx sample`: independent draws from the proposal of a query. */
export function addSampleCommand(program: Command, io: Io): void {
  const command = program
    .command("sample")
    .description("draw classes for a query, each with its exact logit and the log of its probability of being drawn")
    .argument("<file>", "an index file")
    .option("--draws <count>", "how many", integer(0, 2 ** 31 - 1), 20);
  addQueryOptions(command)
    .addHelpText("after", EXAMPLE)
    .action((file: string, options: SampleOptions) =>
      withIndex(file, limitsFor(options), async (index) => {
        const { query, nameOf } = await readQuestion(command, options, index.info);
        const answer = index.sample(query, options.draws, options);
        if (options.json) {
          return printJson(io.stdout, { ...answer, ...(nameOf && { labels: Array.from(answer.ids, nameOf) }) });
        }
        const rows = Array.from(answer.ids, (id, i) => [
          id,
          (answer.scores[i] ?? 0).toFixed(4),
          (answer.logQ[i] ?? 0).toFixed(4),
          ...(nameOf ? [nameOf(id)] : []),
        ]);
        const facts = factLines([
          ["classes scored", `${answer.scored} of ${index.info.itemCount}`],
          ["seed", String(answer.seed)],
        ]);
        printLines(io.stdout, [
          ...tableLines(["id", "score", "logQ", ...(nameOf ? ["label"] : [])], rows),
          "",
          ...facts,
        ]);
      }),
    );
}

const EXAMPLE = `
Example:
  $ midx sample next-word.midx --queries queries.safetensors --row 2 --draws 50 --seed 7 --json`;
