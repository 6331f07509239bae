import { Command } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { swallowedOption } from "./arguments/swallowed-option.ts";
import { addBuildCommand } from "./commands/build.ts";
import { addEvalCommand } from "./commands/eval.ts";
import { addInspectCommand } from "./commands/inspect.ts";
import { addPublishCommand } from "./commands/publish.ts";
import { addQueryCommand } from "./commands/query.ts";
import { addRollbackCommand } from "./commands/rollback.ts";
import { addSampleCommand } from "./commands/sample.ts";
import { addServeCommand } from "./commands/serve.ts";
import { addTrainCommand } from "./commands/train.ts";
import { addVerifyCommand } from "./commands/verify.ts";
import { EXIT, exitCodeOf } from "./exit.ts";
import { messageOf } from "./process/error-message.ts";
import type { Io } from "./process/io.ts";
import { printableMessage } from "./process/printable.ts";

/** Runs one command line (without the program's name) and gives its exit code; never throws. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  try {
    const program = createProgram(io);
    const [option, value] = swallowedOption(program, argv) ?? [];
    if (option) program.error(`error: option '${option}' expected a value, got the option '${value}'`);
    await program.parseAsync(argv, { from: "user" });
    return EXIT.fine;
  } catch (error) {
    const message = messageOf(error);
    if (message !== undefined) io.stderr.write(`error: ${printableMessage(message)}\n`);
    return exitCodeOf(error);
  }
}

function createProgram(io: Io): Command {
  const program = new Command("midx")
    .description("Adaptive sampled softmax with an inverted multi-index: build an index file, ask it, serve it.")
    .version(packageJson.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text, write) => write(`${printableMessage(text)}\n`),
    })
    .addHelpText(
      "after",
      "\nExit codes: 0 fine, 1 error, 2 usage, 3 bad data file, 4 a gate of eval was missed, 130 and 143 ended by SIGINT and SIGTERM.",
    );
  addBuildCommand(program, io);
  addTrainCommand(program, io);
  addInspectCommand(program, io);
  addVerifyCommand(program, io);
  addEvalCommand(program, io);
  addQueryCommand(program, io);
  addSampleCommand(program, io);
  addServeCommand(program, io);
  addPublishCommand(program, io);
  addRollbackCommand(program, io);
  return program;
}
