import { once } from "node:events";
import { Agent, request } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type EndingServer, endingServer } from "../../../src/cli/serving/ending-server.ts";
import type { Fetch } from "../../../src/cli/serving/page-files.ts";

const ASK = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

async function listening(fetch: Fetch): Promise<EndingServer & { readonly port: number }> {
  const ending = endingServer(fetch);
  ending.server.listen(0, "127.0.0.1");
  await once(ending.server, "listening");
  return { ...ending, port: (ending.server.address() as AddressInfo).port };
}

/** A connection that has had an answer, and may be used for another request. */
async function keptConnection(port: number): Promise<Socket> {
  const connection = connect(port, "127.0.0.1");
  connection.write(ASK);
  expect(String((await once(connection, "data"))[0])).toContain("keep-alive");
  return connection;
}

describe("the end of a server", () => {
  test("answers requests that are on their way on kept connections, and says that these end", async () => {
    const { port, end } = await listening(() => new Response("answer"));
    const connections = await Promise.all(Array.from({ length: 20 }, () => keptConnection(port)));
    const answers = connections.map((connection) => text(connection));
    const ended = end();
    for (const connection of connections) connection.write(ASK);
    for (const answer of await Promise.all(answers)) expect(answer).toMatch(/connection: close[\s\S]*answer$/i);
    await ended;
  });

  test("says so in the answers to requests that are under way, too, and refuses other connections", async () => {
    let answer: (response: Response) => void = () => {};
    const { port, end } = await listening(() => new Promise((resolve) => (answer = resolve)));
    const connection = connect(port, "127.0.0.1");
    connection.write(ASK);
    await expect.poll(() => answer.name).not.toBe("answer");
    const ended = end();
    await expect(once(connect(port, "127.0.0.1"), "connect")).rejects.toThrow("ECONNREFUSED");
    await sleep(500);
    answer(new Response("late"));
    expect(await text(connection)).toMatch(/connection: close[\s\S]*late$/i);
    await ended;
  });

  test("sends answers to their end", async () => {
    const length = 8 * 2 ** 20;
    const { port, end } = await listening(() => new Response("x".repeat(length)));
    const agent = new Agent({ keepAlive: true });
    const asked = request({ port, agent }).end();
    const [response] = await once(asked, "response");
    const ended = end();
    await sleep(400); // the client reads nothing, while the server has written all
    let received = 0;
    for await (const chunk of response) received += chunk.length;
    expect(received).toBe(length);
    await ended;
    agent.destroy();
  });

  test("closes connections that their clients keep before the time for answers is over", async () => {
    const { port, end } = await listening(() => new Response("answer"));
    const connection = await keptConnection(port);
    const began = performance.now();
    await end();
    expect(performance.now() - began).toBeLessThan(1500);
    connection.destroy();
  });
});
