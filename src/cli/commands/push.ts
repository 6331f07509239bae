import { type Command, InvalidArgumentError } from "commander";
import { type Client, createClient } from "../../../worker/client.ts";
import { liveSettingsOf, MOST_DELTA } from "../../../worker/live/live-settings.ts";
import { sha256 } from "../../bytes/sha256.ts";
import { givenOption } from "../arguments/given-option.ts";
import { s3EndpointOption } from "../arguments/remote-options.ts";
import { integer } from "../arguments/values.ts";
import { afterLast } from "../changing/after-last.ts";
import { clientAt, sendSets } from "../changing/send-sets.ts";
import { readChangesFiles } from "../files/changes-files.ts";
import { readyLiveApp } from "../hosting/live-app.ts";
import { expectPublished } from "../hosting/published-file.ts";
import { factLines } from "../output/table.ts";
import { requiredVariable } from "../process/environment.ts";
import { type Io, notesOn, printJson, printLines } from "../process/io.ts";
import { readManifestFile } from "../publishing/manifest-file.ts";
import { isRemote, shownPath } from "../remote/address.ts";
import { logAt, sweepLog } from "../segments/log-at.ts";
import { TOKEN_VARIABLE } from "../serving/token.ts";

interface PushOptions {
  readonly url?: string;
  readonly log?: string;
  readonly index?: string;
  readonly maxDelta?: number;
  readonly s3Endpoint?: string;
  readonly json?: true;
}

/** Options that only a log without a service has a use for. */
const OF_LOGS = ["--index", "--max-delta", "--s3-endpoint"];

/** `midx push`: sends files of changes to a service, or writes them to its log. */
export function addPushCommand(program: Command, io: Io): void {
  const command = program
    .command("push")
    .description(
      "send files of changes to a service that accepts changes (midx serve --log, midx/live), or append them to its log in segments",
    )
    .argument("<changes...>", "files that midx changes or midx diff wrote, in their order")
    .option("--url <url>", "address of the service", webAddress)
    .option("--json", "print JSON")
    .optionsGroup("Without a service:")
    .option("--log <place>", "folder or s3://bucket/prefix with the log of changes, as midx serve --log writes it")
    .option(
      "--index <file>",
      "index that services of the log answer with, by which changes are checked: index file, manifest, or pointer of midx publish",
    )
    .option(
      "--max-delta <number>",
      "rows that changes may hold, as in midx serve (default: 20000, or as many as fit into 8 MB)",
      integer(1, MOST_DELTA),
    )
    .addOption(s3EndpointOption());
  command.addHelpText("after", EXAMPLE).action(async (paths: readonly string[], options: PushOptions) => {
    const { url, log, index, json } = options;
    if ((url === undefined) === (log === undefined)) {
      command.error("error: expected either '--url' with the address of a service, or '--log' with the place of a log");
    }
    const given = log === undefined && givenOption(command, OF_LOGS);
    if (given) command.error(`error: '${given}' expected '--log' beside it: a service has an index of its own`);
    if (log !== undefined && index === undefined) {
      command.error("error: '--log' expected '--index' beside it, the index that the changes are checked by");
    }
    const token = url === undefined ? "" : requiredVariable(io.env, TOKEN_VARIABLE);
    const files = await readChangesFiles(paths);
    const client =
      url === undefined
        ? await clientOfLog(log as string, index as string, options, io)
        : clientAt(url, token, io.signal);
    const name = url ?? (log as string);
    const sent = await sendSets(files, { name, client, signal: io.signal, onNote: notesOn(io) });
    const { mutationId = null, ...counts } = sent;
    if (json) printJson(io.stdout, { ...counts, mutationId });
    else printLines(io.stdout, factLines([...Object.entries(counts), ["mutation", mutationId ?? "none"]]));
  });
}

/** The name of this command in a log, by which a second run finds the sets of the first one. */
const WRITER = "midx-push-to-a-log";

/**
 * Returns a client of a service in this process, which checks changes and appends them as any other service of the log does.
 *
 * @throws Error if there is no index, or one that the log does not fit
 */
async function clientOfLog(
  place: string,
  index: string,
  { maxDelta, ...options }: PushOptions,
  io: Io,
): Promise<Client> {
  if (isRemote(index)) {
    throw new RangeError(
      `'--index' expected a path on this machine, got ${shownPath(index)}: send the changes to a service (--url), or copy the published folder here`,
    );
  }
  const manifest = await readManifestFile(index);
  if (!manifest) await expectPublished(index);
  await sweepLog(place, io);
  const writeTokens = [await sha256(new TextEncoder().encode(WRITER))];
  const { app } = await readyLiveApp({
    path: index,
    isManifest: manifest !== undefined,
    log: logAt(place, io, options),
    live: liveSettingsOf({ writeTokens, ...(maxDelta !== undefined && { maxDelta }) }),
    digest: undefined,
    refreshSeconds: undefined,
  });
  return createClient("http://localhost", {
    token: WRITER,
    fetch: afterLast(async (request) => {
      io.signal.throwIfAborted();
      return app.fetch(request);
    }),
  });
}

const EXAMPLE = `
Examples:
  $ midx diff yesterday.jsonl today.jsonl --index items.midx -o items.midxd
  $ MIDX_TOKEN=… midx push items.midxd --url https://items.example.com
  $ midx push items.midxd --log s3://bucket/items/log --index items/current.json

The environment variable ${TOKEN_VARIABLE} is a token that may write. The last mutation is printed, for "minMutation" of requests.

Changes are sent by label, in sets of at most 1,000 classes, the upserts first. Each set is applied as a whole. If the command
stops, run it again: for 24 hours, the service writes no class of the same file twice. To apply the same changes again, write the
file with another --after.

With --log, nobody has to serve the index. The command loads it with all changes of the log, makes the checks of a service, and
appends each set by a conditional write, so that no writer loses anything. It needs no token, but the right to write to the
folder or the bucket.`;

function webAddress(text: string): string {
  if (URL.canParse(text) && /^https?:\/\/[^?#]+$/i.test(text)) return text;
  throw new InvalidArgumentError('Expected the address of a service, such as "https://items.example.com".');
}
