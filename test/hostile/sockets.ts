import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A connection to a server on this machine, over which a test sends any bytes. */
export interface Connection {
  readonly socket: Socket;
  /** Everything received so far. */
  readonly received: () => string;
  readonly closed: Promise<void>;
}

export async function connectTo(url: string, sent = ""): Promise<Connection> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.on("error", () => {});
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
  });
  await once(socket, "connect");
  if (sent !== "") socket.write(sent);
  return { socket, received: () => Buffer.concat(chunks).toString(), closed };
}

/** Opens `count` connections at once. */
export const connectAll = (count: number, url: string, sent: string): Promise<Connection[]> =>
  Promise.all(Array.from({ length: count }, () => connectTo(url, sent)));

/** The head of a request whose body has `length` bytes. */
export const questionHead = (url: string, length: number | "chunked"): string =>
  [
    "POST /v1/predict HTTP/1.1",
    `Host: ${new URL(url).host}`,
    "Content-Type: application/json",
    length === "chunked" ? "Transfer-Encoding: chunked" : `Content-Length: ${length}`,
    "\r\n",
  ].join("\r\n");
