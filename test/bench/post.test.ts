import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { post } from "../../bench/service/post.ts";

test("a connection that fails is an answer with status 0, and others have their status and text", async () => {
  const server = createServer((request, response) => {
    if (request.url === "/reset") request.socket.destroy();
    else response.writeHead(request.url === "/busy" ? 503 : 200).end("an answer");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await post(`${url}/reset`, "{}")).toEqual({ status: 0, text: "" });
  expect(await post(`${url}/busy`, "{}")).toEqual({ status: 503, text: "an answer" });
  expect(await post(url, "{}")).toEqual({ status: 200, text: "an answer" });
  server.close();
});
