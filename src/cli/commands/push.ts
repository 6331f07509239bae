import { type Command, InvalidArgumentError } from "commander";
import { sendSets } from "../changing/send-sets.ts";
import { readChangesFiles } from "../files/changes-files.ts";
import { factLines } from "../output/table.ts";
import { requiredVariable } from "../process/environment.ts";
import { type Io, notesOn, printJson, printLines } from "../process/io.ts";
import { TOKEN_VARIABLE } from "../serving/token.ts";

interface PushOptions {
  readonly url: string;
  readonly json?: true;
}

/** `midx push`: sends files of changes to a service. */
export function addPushCommand(program: Command, io: Io): void {
  program
    .command("push")
    .description("send files of changes to a service that accepts changes (midx serve --log, midx/live)")
    .argument("<changes...>", "files that midx changes or midx diff wrote, in their order")
    .requiredOption("--url <url>", "address of the service", webAddress)
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLE)
    .action(async (paths: readonly string[], { url, json }: PushOptions) => {
      const token = requiredVariable(io.env, TOKEN_VARIABLE);
      const files = await readChangesFiles(paths);
      const sent = await sendSets(files, { url, token, signal: io.signal, onNote: notesOn(io) });
      const { mutationId = null, ...counts } = sent;
      if (json) printJson(io.stdout, { ...counts, mutationId });
      else printLines(io.stdout, factLines([...Object.entries(counts), ["mutation", mutationId ?? "none"]]));
    });
}

const EXAMPLE = `
Examples:
  $ midx diff yesterday.jsonl today.jsonl --index items.midx -o items.midxd
  $ MIDX_TOKEN=… midx push items.midxd --url https://items.example.com

The environment variable ${TOKEN_VARIABLE} is a token that may write. The last mutation is printed, for "minMutation" of requests.

Changes are sent by label, in sets of at most 1,000 classes, the upserts first. Each set is applied as a whole. If the command
stops, run it again: for 24 hours, the service applies no set of the same file twice. To apply the same changes again, write the
file with another --after.`;

function webAddress(text: string): string {
  if (URL.canParse(text) && /^https?:\/\/[^?#]+$/i.test(text)) return text;
  throw new InvalidArgumentError('Expected the address of a service, such as "https://items.example.com".');
}
