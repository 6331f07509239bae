import { Command } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { addBuildCommand } from "./build.ts";
import { addEvalCommand } from "./eval.ts";
import { EXIT, exitCodeOf, messageOf } from "./exit.ts";
import { addInspectCommand } from "./inspect.ts";
import type { Io } from "./io.ts";
import { printableMessage } from "./printable.ts";
import { addPublishCommand } from "./publish.ts";
import { addQueryCommand } from "./query.ts";
import { addRollbackCommand } from "./rollback.ts";
import { addSampleCommand } from "./sample.ts";
import { addServeCommand } from "./serve.ts";
import { swallowedOption } from "./swallowed-option.ts";
import { addTrainCommand } from "./train.ts";
import { addVerifyCommand } from "./verify.ts";

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
