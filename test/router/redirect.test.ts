import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Gate } from "../../worker/router/gate.ts";
import { PartClient } from "../../worker/router/part-client.ts";
import { atOrigins } from "../../worker/router/part-hosts.ts";
import { MetricsByPart } from "../../worker/router/part-metrics.ts";

const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(`${request.url} ${request.headers.authorization}`);
  if (request.url === "/elsewhere") response.end("{}");
  else response.writeHead(307, { location: "/elsewhere" }).end();
});

beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => {
  server.close();
});

test("a host that leads elsewhere is a failure: its token and the question go nowhere else", async () => {
  const parts = { numbers: [0], place: 0, generation: "0".repeat(64), replicas: 1 };
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new PartClient(parts, () => atOrigins([[origin]], parts, "secret"), new MetricsByPart().of([0]));
  const asking = { deadlineMs: 60_000, hedgeMs: 5, gate: new Gate(1) };
  await expect(client.describe(asking)).rejects.toThrow("it answered 307");
  expect(asked).toEqual(["/v1/part Bearer secret"]);
});
