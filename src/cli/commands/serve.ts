import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer, type ServerType } from "@hono/node-server";
import { type Command, Option } from "commander";
import type { Hono } from "hono";
import { createApp } from "../../../worker/app.ts";
import { INDEX_LIMITS } from "../../../worker/contract/limits.ts";
import { fixedHost } from "../../../worker/host/fixed-host.ts";
import type { Host } from "../../../worker/host/host.ts";
import { watchTogether } from "../../../worker/middleware/watch.ts";
import type { MultiIndex } from "../../index/multi-index.ts";
import { integer, number } from "../arguments/values.ts";
import { withIndex } from "../files/index-file.ts";
import { holdSignals } from "../process/interruption.ts";
import { type Io, printJson, printLines } from "../process/io.ts";
import { CONNECTION_LIMITS, IDLE_MS } from "../serving/connection-limits.ts";
import { allowedHost, bracketed, hostCheck, isLoopback, withHosts } from "../serving/hosts.ts";
import { indexFileRoute } from "../serving/index-file-route.ts";
import { withPage } from "../serving/page-files.ts";
import { TOKEN_VARIABLE, type TokenOptions, tokenDigest } from "../serving/token.ts";

interface ServeOptions extends TokenOptions {
  readonly port: number;
  readonly host: string;
  readonly allowHost?: readonly string[];
  readonly auditRate?: number;
  readonly auditQueries?: true;
  readonly json?: true;
}

/** The time that requests in flight have to finish, in milliseconds. */
const GRACE = 2000;

/** `midx serve`: runs the Worker's HTTP application in Node, with the demo page. */
export function addServeCommand(program: Command, io: Io): void {
  program
    .command("serve")
    .description("answer HTTP requests as the Worker does, until Ctrl-C")
    .argument("<file>", "index file")
    .option("--json", "print JSON")
    .optionsGroup("Address:")
    .option("--port <number>", "port to listen on; 0 takes a free one", integer(0, 65535), 8787)
    .option(
      "--host <address>",
      "address to listen on; any but a loopback address is open to other machines",
      "127.0.0.1",
    )
    .option(
      "--allow-host <host>",
      "also answer requests whose Host is this name, at the given port or at any; may be repeated (default: --host and localhost at --port)",
      allowedHost,
    )
    .optionsGroup("Audits:")
    .option(
      "--audit-rate <share>",
      "share of estimates to compute again exactly; /v1/audits has the last ones, for midx calibrate (default: 0)",
      number(0, 1),
    )
    .option("--audit-queries", "keep the vectors of audited queries, too")
    .optionsGroup("Authentication:")
    .option("--token-file <file>", "require the bearer token in this file for /v1, /metrics and /index.midx")
    .addOption(
      new Option("--token <token>", "require this bearer token, which other users of this machine can see").conflicts(
        "tokenFile",
      ),
    )
    .addHelpText("after", EXAMPLE)
    .action(async (file: string, options: ServeOptions) => {
      const digest = await tokenDigest(options, io.env);
      await withIndex(file, INDEX_LIMITS, (index) => serve(io, file, options, index, digest));
    });
}

const EXAMPLE = `
Without --token-file and --token, the token comes from the environment variable ${TOKEN_VARIABLE}, if it is set.

Example:
  $ midx serve next-word.midx --port 8787
  $ curl http://127.0.0.1:8787/v1/info

The demo page is at http://127.0.0.1:8787/.`;

async function serve(
  io: Io,
  file: string,
  options: ServeOptions,
  index: MultiIndex,
  digest: string | undefined,
): Promise<void> {
  const app = appFor(index, digest, options);
  indexFileRoute(app, file);
  let isAllowed = (_host: string): boolean => false;
  const fetch = withHosts(
    withPage((request, env) => app.fetch(request, env)),
    (host) => isAllowed(host),
  );
  const server = createAdaptorServer({ fetch, serverOptions: CONNECTION_LIMITS });
  if ("setTimeout" in server) server.setTimeout(IDLE_MS);
  const hold = holdSignals(() => {});
  const { address, port } = await listen(server, options);
  isAllowed = hostCheck({ host: options.host, address, port }, options.allowHost ?? []);
  const url = `http://${bracketed(options.host)}:${port}`;
  if (digest === undefined && !isLoopback(address)) {
    printLines(io.stderr, [
      `warning: other machines can reach ${url} without a token: set ${TOKEN_VARIABLE} or pass --token-file`,
    ]);
  }
  if (options.json) printJson(io.stdout, { event: "listening", url, contentId: index.info.contentId });
  else printLines(io.stdout, [`serving ${file} (${index.info.factory}) at ${url}`]);
  if (!io.signal.aborted) await once(io.signal, "abort");
  await close(server);
  hold.release();
}

function appFor(index: MultiIndex, digest: string | undefined, { auditRate, auditQueries }: ServeOptions): Hono {
  const host = {
    ...fixedHost(index, {
      ...(digest !== undefined && { tokens: [digest] }),
      ...(auditRate !== undefined && { auditRate }),
      ...(auditQueries && { auditQueries }),
    }),
    // An audit that fails must not end the process. The index is gone if it ends first.
    keepAlive: (_, work) => void work.catch(() => undefined),
    address: (c) => (c.env as { incoming: IncomingMessage }).incoming.socket.remoteAddress ?? "unknown",
  } satisfies Host;
  return createApp(host, watchTogether());
}

async function listen(server: ServerType, { port, host }: ServeOptions): Promise<AddressInfo> {
  server.listen(port, host);
  await once(server, "listening");
  return server.address() as AddressInfo;
}

/** Stops accepting requests, waits for those in flight, and closes the connections that are left after GRACE. */
async function close(server: ServerType): Promise<void> {
  const closed = once(server, "close");
  server.close();
  const timer = setTimeout(() => "closeAllConnections" in server && server.closeAllConnections(), GRACE);
  await closed;
  clearTimeout(timer);
}
