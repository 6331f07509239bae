import { once } from "node:events";
import { type IncomingMessage, type OutgoingHttpHeader, type OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { createAdaptorServer, type ServerType } from "@hono/node-server";
import { CONNECTION_LIMITS, IDLE_MS } from "./connection-limits.ts";
import type { Fetch } from "./page-files.ts";

/** The time that requests in flight have to finish, in milliseconds. */
const GRACE = 2000;
/** The time that a request on a connection without one may be on its way, in milliseconds. */
const ON_ITS_WAY = 200;

/** A server, and the function that ends it without losing a request. */
export interface EndingServer {
  readonly server: ServerType;
  readonly end: () => Promise<void>;
}

/** Makes a server that answers with `fetch`. */
export function endingServer(fetch: Fetch): EndingServer {
  let isEnding = false;
  /** Once the server ends, it tells the client to send no other request on this connection. */
  class Answer<Request extends IncomingMessage> extends ServerResponse<Request> {
    override writeHead(status: number, headers?: unknown): this {
      if (isEnding) this.setHeader("connection", "close");
      return super.writeHead(status, headers as OutgoingHttpHeaders | OutgoingHttpHeader[]);
    }
  }
  const server = createAdaptorServer({ fetch, serverOptions: { ...CONNECTION_LIMITS, ServerResponse: Answer } });
  if ("setTimeout" in server) server.setTimeout(IDLE_MS);
  const connections = new Set<Socket>();
  server.on("connection", (connection: Socket) => {
    connections.add(connection);
    connection.once("close", () => connections.delete(connection));
  });
  return {
    server,
    end() {
      isEnding = true;
      return end(server, connections);
    },
  };
}

/**
 * Stops accepting connections and waits for requests in flight. Connections without a request are closed a moment later: to
 * close them at once would lose the requests that are on their way, which is most of them under load. What is left after
 * GRACE is closed, too.
 */
async function end(server: ServerType, connections: ReadonlySet<Socket>): Promise<void> {
  const closed = once(server, "close");
  const timers: NodeJS.Timeout[] = [];
  if ("closeIdleConnections" in server) {
    const closeIdle = server.closeIdleConnections.bind(server);
    server.closeIdleConnections = () => {}; // close() would call it
    const closeUnused = (): void => {
      // Node takes a connection for idle while the end of an answer waits to be sent, and would cut it off.
      if ([...connections].every(({ writableLength }) => writableLength === 0)) closeIdle();
    };
    // Requests that have arrived by then are read first.
    timers.push(setInterval(() => setImmediate(closeUnused), ON_ITS_WAY));
    timers.push(setTimeout(() => server.closeAllConnections(), GRACE));
  }
  server.close();
  await closed;
  for (const timer of timers) clearTimeout(timer);
}
