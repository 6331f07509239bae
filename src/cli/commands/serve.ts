import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { ServerType } from "@hono/node-server";
import { type Command, Option } from "commander";
import { INDEX_LIMITS } from "../../../worker/contract/limits.ts";
import { fixedHost } from "../../../worker/host/fixed-host.ts";
import { liveSettingsOf } from "../../../worker/live/live-settings.ts";
import { watchTogether } from "../../../worker/middleware/watch.ts";
import { MetricsByPart } from "../../../worker/router/part-metrics.ts";
import { createSequenceApp } from "../../../worker/sequence-service.ts";
import { openFor } from "../../../worker/sequences/encoders.ts";
import { hasEncoder, openEncoder } from "../../encoder/index.ts";
import type { MultiIndex } from "../../index/multi-index.ts";
import type { Manifest } from "../../publication/manifest.ts";
import { integer, MAX_COUNT, number } from "../arguments/values.ts";
import { kindOfFile } from "../files/foreign-files.ts";
import { withIndex } from "../files/index-file.ts";
import { becomeReady } from "../hosting/become-ready.ts";
import { readyLiveApp } from "../hosting/live-app.ts";
import { partApp, type RoutedLog, routerApp } from "../hosting/manifest-apps.ts";
import { checkPlaces, type PartServeOptions, refuseOfManifests, refuseWithLog } from "../hosting/part-options.ts";
import { partAtOption, partGroups } from "../hosting/part-origins.ts";
import { publishedApp } from "../hosting/published-app.ts";
import { expectPublished, isPointerFile } from "../hosting/published-file.ts";
import { readyApp } from "../hosting/ready-app.ts";
import { holdSignals } from "../process/interruption.ts";
import { type Io, printJson, printLines } from "../process/io.ts";
import { readManifestFile } from "../publishing/manifest-file.ts";
import { logAt, sweepLog } from "../segments/log-at.ts";
import { endingServer } from "../serving/ending-server.ts";
import { answeredHostOption, bracketed, hostCheck, isLoopback, withHosts } from "../serving/hosts.ts";
import { indexFileRoute } from "../serving/index-file-route.ts";
import { addLiveOptions, type LiveServeOptions, refuseWithoutLog } from "../serving/live-options.ts";
import { type Fetch, withDescription, withPage } from "../serving/page-files.ts";
import { PROCESS_HOST, processService, refuseQueriesOfNone, serviceOptions } from "../serving/process-host.ts";
import { SERVE_EXAMPLES } from "../serving/serve-examples.ts";
import { digestInFile, TOKEN_VARIABLE, type TokenOptions, tokenDigest, tokenIn } from "../serving/token.ts";
import { addWorkOption } from "../serving/work-option.ts";

interface ServeOptions extends TokenOptions, LiveServeOptions, PartServeOptions {
  readonly port: number;
  readonly host: string;
  readonly allowHost?: readonly string[];
  readonly auditRate?: number;
  readonly auditQueries?: true;
  readonly maxWork?: number;
  readonly json?: true;
}

/** `midx serve`: runs the Worker's HTTP application in Node, with the demo page. */
export function addServeCommand(program: Command, io: Io): void {
  const command = program
    .command("serve")
    .description("answer HTTP requests as the Worker does, until Ctrl-C")
    .argument("<file>", "index file, manifest of an index in parts, or pointer of midx publish")
    .option("--json", "print JSON")
    .optionsGroup("Address:")
    .option("--port <number>", "port to listen on; 0 chooses a free one", integer(0, 65535), 8787)
    .option(
      "--host <address>",
      "address to listen on; with any but a loopback address, other machines can connect",
      "127.0.0.1",
    )
    .addOption(answeredHostOption())
    .optionsGroup("Parts of a manifest:")
    .option("--part <number>", "serve only this part, for routers, which need its token", integer(0, MAX_COUNT))
    .addOption(partAtOption())
    .option(
      "--part-groups <sizes>",
      "how many parts each --part-at answers for, such as 4,4 for two routers",
      partGroups,
    )
    .option("--part-token-file <file>", "file with the token of the hosts of the parts")
    .option(
      "--refresh-seconds <number>",
      "seconds between looks for another manifest or version (default: 60)",
      number(0, 86400),
    );
  addWorkOption(addLiveOptions(command))
    .optionsGroup("Audits:")
    .option(
      "--audit-rate <share>",
      "share of the estimates to compute again exactly; /v1/audits returns the last ones, for midx calibrate (default: 0)",
      number(0, 1),
    )
    .option("--audit-queries", "keep the vectors of audited queries, too")
    .optionsGroup("Authentication:")
    .option("--token-file <file>", "require the bearer token in this file for /v1, /client, /metrics and /index.midx")
    .addOption(
      new Option("--token <token>", "require this bearer token, which other users of this machine can see").conflicts(
        "tokenFile",
      ),
    )
    .addHelpText("after", SERVE_EXAMPLES)
    .action(async (file: string, options: ServeOptions) => {
      refuseQueriesOfNone(options);
      const digest = await tokenDigest(options, io.env);
      if (options.log !== undefined) return serveLive(io, file, { ...options, log: options.log }, digest);
      refuseWithoutLog(options);
      const manifest = await readManifestFile(file);
      if (manifest) return serveManifest(io, file, options, manifest, digest);
      if ((await kindOfFile(file))?.kind === "pointer") return servePublished(io, file, options, digest);
      await withIndex(file, INDEX_LIMITS, (index) => {
        refuseOfManifests(options);
        return serveIndex(io, file, options, index, digest);
      });
    });
}

/** An application with the facts that are printed about it. */
interface Served {
  readonly fetch: Fetch;
  readonly contentId: string;
  /** The name of the served index, such as "words.midx (RQ2x8,SQ8)". */
  readonly name: string;
  /** True if other machines may only reach it with a token. */
  readonly isClosed?: boolean;
}

async function serveIndex(
  io: Io,
  file: string,
  options: ServeOptions,
  index: MultiIndex,
  digest: string | undefined,
): Promise<void> {
  const host = { ...fixedHost(index, serviceOptions(processService(options, digest))), ...PROCESS_HOST };
  await openFor(index, openEncoderOf);
  const app = createSequenceApp(host, watchTogether());
  indexFileRoute(app, file);
  const { contentId, factory } = index.info;
  const description = hasEncoder(index) ? "sequences-openapi.json" : "openapi.json";
  const fetch = withPage((request, env) => app.fetch(request, env), description);
  return serve(io, options, { fetch, contentId, name: `${file} (${factory})` }, digest);
}

/** Serves the file that a pointer names, and each later one. */
async function servePublished(io: Io, path: string, options: ServeOptions, digest: string | undefined): Promise<void> {
  const { refreshSeconds, ...others } = options;
  refuseOfManifests(others);
  const serving = { path, refreshSeconds, openEncoder: openEncoderOf, ...processService(options, digest) };
  const { app, contentId } = await readyApp(path, publishedApp(serving));
  const fetch = withDescription((request, env) => app.fetch(request, env), "sequences-openapi.json");
  return serve(io, options, { fetch, contentId, name: path }, digest);
}

/** Serves an index file, the file that a pointer names, or all parts of a manifest, with the changes of a log. */
async function serveLive(
  io: Io,
  path: string,
  options: ServeOptions & { readonly log: string },
  digest: string | undefined,
): Promise<void> {
  const { log: place, writeTokenFile, ...others } = options;
  const { refreshSeconds, ...ofFile } = others;
  const manifest = await readManifestFile(path);
  if (!manifest) await expectPublished(path);
  if (manifest) refuseWithLog(options);
  else refuseOfManifests((await isPointerFile(path)) ? ofFile : others);
  const writeDigest =
    writeTokenFile === undefined ? undefined : await digestInFile(writeTokenFile, "'--write-token-file'");
  const { deltaSeconds, maxDelta } = options;
  await sweepLog(place, io);
  const log = logAt(place, io, options);
  const live = liveSettingsOf({
    ...(writeDigest !== undefined && { writeTokens: [writeDigest] }),
    ...(deltaSeconds !== undefined && { deltaSeconds }),
    ...(maxDelta !== undefined && { maxDelta }),
  });
  const name = `${path} with the changes in ${place}`;
  if (manifest && options.partAt) return serveManifest(io, path, options, manifest, digest, { log, live, name });
  const settings = { refreshSeconds, ...processService(options, digest) };
  const { app, contentId } = await readyLiveApp({ path, isManifest: manifest !== undefined, log, live, ...settings });
  const fetch = withDescription((request, env) => app.fetch(request, env), "live-sequences-openapi.json");
  return serve(io, options, { fetch, contentId, name }, digest);
}

const openEncoderOf = async (index: MultiIndex) => (hasEncoder(index) ? openEncoder(index) : undefined);

/** Serves a manifest: one of its parts for routers, or a router over its parts, which are here or at other hosts. */
async function serveManifest(
  io: Io,
  path: string,
  options: ServeOptions,
  { generation, parts }: Manifest,
  digest: string | undefined,
  changes?: RoutedLog & { readonly name: string },
): Promise<void> {
  const { maxDelta, part, partAt: origins, partGroups: groups, partTokenFile } = options;
  const changing = options.passChanges ? ("passed on" as const) : changes;
  const serving = { path, refreshSeconds: options.refreshSeconds, ...processService(options, digest) };
  const token = partTokenFile === undefined ? undefined : await tokenIn(partTokenFile, "'--part-token-file'");
  checkPlaces(options, parts.length, digest !== undefined);
  const [metrics, here, places] = [new MetricsByPart(), new Map<string, string>(), { origins, groups, token }];
  const app =
    part === undefined ? routerApp(serving, places, changing, metrics, here) : partApp(serving, part, maxDelta);
  const elsewhere = () => Array.from(metrics.parts, ([name, { failure }]) => [name, failure] as const);
  await becomeReady(io, path, app, !origins, () => [...here, ...elsewhere()]);
  const name = part === undefined ? (changes?.name ?? `${path} (${parts.length} parts)`) : `part ${part} of ${path}`;
  const answer: Fetch = (request, env) => app.fetch(request, env);
  const described = withDescription(
    answer,
    changes ? "live-router-sequences-openapi.json" : "router-sequences-openapi.json",
  );
  const fetch = part === undefined ? described : answer;
  return serve(io, options, { fetch, contentId: generation, name, isClosed: part !== undefined }, digest);
}

async function serve(
  io: Io,
  options: ServeOptions,
  { fetch: answer, contentId, name, isClosed = false }: Served,
  digest: string | undefined,
): Promise<void> {
  let isAllowed = (_host: string): boolean => false;
  const fetch = withHosts(answer, (host) => isAllowed(host));
  const { server, end } = endingServer(fetch);
  const hold = holdSignals(() => {});
  const { address, port } = await listen(server, options);
  isAllowed = hostCheck({ host: options.host, address, port }, options.allowHost ?? []);
  const url = `http://${bracketed(options.host)}:${port}`;
  if (digest === undefined && !isLoopback(address)) {
    if (isClosed) {
      server.close();
      hold.release();
      throw new RangeError(`'--part' expected a token, since other machines can reach ${url}: pass --token-file`);
    }
    printLines(io.stderr, [
      `warning: other machines can reach ${url} without a token: set ${TOKEN_VARIABLE} or pass --token-file`,
    ]);
  }
  if (options.json) printJson(io.stdout, { event: "listening", url, contentId });
  else printLines(io.stdout, [`serving ${name} at ${url}`]);
  if (!io.signal.aborted) await once(io.signal, "abort");
  await end();
  hold.release();
}

async function listen(server: ServerType, { port, host }: ServeOptions): Promise<AddressInfo> {
  server.listen(port, host);
  await once(server, "listening");
  return server.address() as AddressInfo;
}
