import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createAdaptorServer, type ServerType } from "@hono/node-server";
import type { Command } from "commander";
import { createApp } from "../../worker/app.ts";
import { fixedHost } from "../../worker/fixed-host.ts";
import { INDEX_LIMITS } from "../../worker/limits.ts";
import { integer } from "./arguments.ts";
import { withIndex } from "./index-file.ts";
import { holdSignals } from "./interruption.ts";
import { type Io, printJson, printLines } from "./io.ts";
import { withPage } from "./page-files.ts";

interface ServeOptions {
  readonly port: number;
  readonly host: string;
  readonly json?: true;
}

/** How long requests under way may take to end, in milliseconds. */
const GRACE = 2000;

/** `midx serve`: the Worker's HTTP application in Node, and the page that shows the index at work. */
export function addServeCommand(program: Command, io: Io): void {
  program
    .command("serve")
    .description("answer HTTP requests as the Worker does, until Ctrl-C")
    .argument("<file>", "an index file")
    .option("--port <number>", "0 takes a free one", integer(0, 65535), 8787)
    .option("--host <address>", "where to listen; beyond this machine only if you want that", "127.0.0.1")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLE)
    .action((file: string, options: ServeOptions) =>
      withIndex(file, INDEX_LIMITS, async (index) => {
        const { fetch } = createApp(fixedHost(index));
        const server = createAdaptorServer({ fetch: withPage((request) => fetch(request), file) });
        const hold = holdSignals(() => {});
        const { port } = await listen(server, options);
        const host = options.host.includes(":") ? `[${options.host}]` : options.host;
        const url = `http://${host}:${port}`;
        if (options.json) printJson(io.stdout, { event: "listening", url, contentId: index.info.contentId });
        else printLines(io.stdout, [`serving ${file} (${index.info.factory}) at ${url}`]);
        if (!io.signal.aborted) await once(io.signal, "abort");
        await close(server);
        hold.release();
      }),
    );
}

const EXAMPLE = `
Example:
  $ midx serve next-word.midx --port 8787
  $ curl http://127.0.0.1:8787/v1/info
and http://127.0.0.1:8787/ in a browser.`;

async function listen(server: ServerType, { port, host }: ServeOptions): Promise<AddressInfo> {
  server.listen(port, host);
  await once(server, "listening");
  return server.address() as AddressInfo;
}

/** Takes no new requests, lets those under way end, and drops those that don't. */
async function close(server: ServerType): Promise<void> {
  const closed = once(server, "close");
  server.close();
  const timer = setTimeout(() => "closeAllConnections" in server && server.closeAllConnections(), GRACE);
  await closed;
  clearTimeout(timer);
}
