import type { Command } from "commander";
import { type BuildArguments, PLAN_OPTIONS } from "../building/options.ts";
import { withTrainedModel } from "../building/trained-model.ts";
import { type Io, printJson, printLines } from "../process/io.ts";
import { writePlan } from "../tasks/build-in-parts.ts";
import { planId } from "../tasks/plan.ts";
import { placeOfPlan } from "../tasks/plan-paths.ts";
import { planLines } from "../tasks/report.ts";
import { tasksOf } from "../tasks/task-names.ts";

/** `midx build-plan`: divides the build of an index in parts into tasks, which any machines can run. */
export function addBuildPlanCommand(program: Command, io: Io): void {
  const command = program
    .command("build-plan")
    .description("plan the build of an index in parts, for tasks on several machines")
    .argument("<embeddings>", "N rows of D numbers, as for build, but not standard input")
    .requiredOption(
      "-o, --output <plan>",
      "plan to write, such as words/plan.json or s3://bucket/words/plan.json; parts and manifest come beside it",
    );
  for (const option of PLAN_OPTIONS) command.addOption(option);
  command
    .addHelpText("after", EXAMPLE)
    .action((embeddings: string, options: BuildArguments) => planBuild(embeddings, options, io));
}

const EXAMPLE = `
Example:
  $ midx build-plan items.parquet --parts 8 -o items/plan.json
  $ for index in $(seq 0 11); do midx build-task items/plan.json --index $index; done`;

async function planBuild(path: string, given: BuildArguments, io: Io): Promise<void> {
  const options = await withTrainedModel(path, given, io);
  const { output, json } = options;
  const { folder, name } = placeOfPlan(output);
  const plan = await writePlan(path, options, { folder, name, isForOthers: true }, io);
  if (json) printJson(io.stdout, { event: "planned", output, plan: planId(plan), tasks: tasksOf(plan), ...plan });
  else printLines(io.stdout, planLines(output, plan));
}
