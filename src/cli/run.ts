import { Command } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { refuseEmptyPaths } from "./arguments/empty-path.ts";
import { foreignOption } from "./arguments/foreign-option.ts";
import { explainMissing } from "./arguments/missing-option.ts";
import { withOptionNames } from "./arguments/option-names.ts";
import { refuseRepeated } from "./arguments/repeated-option.ts";
import { swallowedOption } from "./arguments/swallowed-option.ts";
import { addBuildCommand } from "./commands/build.ts";
import { addBuildPlanCommand } from "./commands/build-plan.ts";
import { addBuildTaskCommand } from "./commands/build-task.ts";
import { addCalibrateCommand } from "./commands/calibrate.ts";
import { addChangesCommand } from "./commands/changes.ts";
import { addCompactCommand } from "./commands/compact.ts";
import { addDecodeCommand } from "./commands/decode.ts";
import { addDiffCommand } from "./commands/diff.ts";
import { addDriftCommand } from "./commands/drift.ts";
import { addEncodeCommand } from "./commands/encode.ts";
import { addEvalCommand } from "./commands/eval.ts";
import { addInspectCommand } from "./commands/inspect.ts";
import { addPolicyValueCommand } from "./commands/policy-value.ts";
import { addPredictCommand } from "./commands/predict.ts";
import { addPromoteCommand } from "./commands/promote.ts";
import { addPruneCommand } from "./commands/prune.ts";
import { addPublishCommand } from "./commands/publish.ts";
import { addPushCommand } from "./commands/push.ts";
import { addReportCommand } from "./commands/report.ts";
import { addRollbackCommand } from "./commands/rollback.ts";
import { addSampleCommand } from "./commands/sample.ts";
import { addServeCommand } from "./commands/serve.ts";
import { addTrainCommand } from "./commands/train.ts";
import { addVerifyCommand } from "./commands/verify.ts";
import { addWorkerCommand } from "./commands/worker.ts";
import { EXIT, exitCodeOf } from "./exit.ts";
import { messageOf } from "./process/error-message.ts";
import type { Io } from "./process/io.ts";
import { printableMessage } from "./process/printable.ts";

/** Runs one command line, without the program's name, and returns its exit code. It never throws. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const program = createProgram(io);
  const command = program.commands.find((each) => each.name() === argv[0]);
  try {
    const [option, value] = swallowedOption(command, argv) ?? [];
    if (option) program.error(`error: option '${option}' expected a value, got the option '${value}'`);
    const [foreign, remedy] = foreignOption(command, argv) ?? [];
    if (foreign) program.error(`error: unknown option '${foreign}': ${remedy}`);
    await program.parseAsync(argv, { from: "user" });
    return EXIT.fine;
  } catch (error) {
    const message = messageOf(error);
    const text = message !== undefined && error instanceof RangeError ? withOptionNames(command, message) : message;
    if (text !== undefined) io.stderr.write(`error: ${printableMessage(text)}\n`);
    return exitCodeOf(error);
  }
}

function createProgram(io: Io): Command {
  const program = new Command("midx")
    .description(
      "Probabilities, samples and top k of a softmax over many classes, without scoring all of them: builds an index file, queries it and serves it.",
    )
    .version(packageJson.version)
    .enablePositionalOptions() // otherwise "midx publish FILE --version two" prints a version and does nothing
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text, write) => write(`${printableMessage(text)}\n`),
    })
    .addHelpText(
      "after",
      "\nExit codes: 0 success, 1 error, 2 invalid usage, 3 damaged or invalid data file,\n4 missed gate of midx eval, 130 SIGINT, 143 SIGTERM.",
    );
  program.commandsGroup("Make an index:");
  addBuildCommand(program, io);
  addBuildPlanCommand(program, io);
  addBuildTaskCommand(program, io);
  addWorkerCommand(program, io);
  addTrainCommand(program, io);
  addCalibrateCommand(program, io);
  program.commandsGroup("Change an index:");
  addChangesCommand(program, io);
  addCompactCommand(program, io);
  addDiffCommand(program, io);
  addPushCommand(program, io);
  program.commandsGroup("Check an index:");
  addInspectCommand(program, io);
  addVerifyCommand(program, io);
  addEvalCommand(program, io);
  addDriftCommand(program, io);
  addPolicyValueCommand(program, io);
  addReportCommand(program, io);
  program.commandsGroup("Query an index:");
  addEncodeCommand(program, io);
  addPredictCommand(program, io);
  addSampleCommand(program, io);
  addDecodeCommand(program, io);
  program.commandsGroup("Serve an index:");
  addServeCommand(program, io);
  addPublishCommand(program, io);
  addPromoteCommand(program, io);
  addRollbackCommand(program, io);
  addPruneCommand(program, io);
  for (const command of program.commands) {
    refuseEmptyPaths(command);
    refuseRepeated(command);
    explainMissing(command);
  }
  program.commandsGroup("Help:").helpCommand("help [command]", "display help for command");
  return program;
}
