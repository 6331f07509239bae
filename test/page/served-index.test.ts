import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { loadServedIndex } from "../../page/served-index.ts";
import { type ServedInfo, Server } from "../../page/server.ts";
import { load, type MultiIndex } from "../../src/index.ts";
import { INDEX_LIMITS } from "../../worker/contract/limits.ts";
import { labelledIndex, plainIndex, queryOf } from "./small-example.ts";

let file: Uint8Array<ArrayBuffer>;
let index: MultiIndex;
beforeAll(async () => {
  file = await labelledIndex();
  index = await load(file, INDEX_LIMITS);
});

describe("the index of the page", () => {
  const infoOf = (version: string): ServedInfo => ({ ...index.info, version });
  const sends = (bytes: Uint8Array<ArrayBuffer>) => ({ request: async () => new Response(bytes) });

  test("has the limits of the server, and so its bits", async () => {
    const opened = await loadServedIndex(sends(file), infoOf("words-1"));
    expect(opened.predict(queryOf(0), 10, { seed: 1 })).toEqual(index.predict(queryOf(0), 10, { seed: 1 }));
    expect(() => opened.sample(queryOf(0), INDEX_LIMITS.maxDraws + 1)).toThrow('"draws" expected');
    expect(() => opened.predict(queryOf(0), INDEX_LIMITS.maxK + 1)).toThrow('"k" expected');
  });

  test("is refused if it is the file of another version than the one that answers", async () => {
    await expect(loadServedIndex(sends(await plainIndex()), infoOf("words-2"))).rejects.toThrow(
      "The server answers with version words-2, and sends the file of another one: ",
    );
  });
});

describe("the requests of the page", () => {
  afterEach(() => void vi.restoreAllMocks());

  test("have one client key, until the page comes as another client", async () => {
    const fetch = vi.spyOn(globalThis, "fetch").mockImplementation(async () => Response.json({ version: "words-1" }));
    const server = new Server();
    const ask = async () => {
      await server.info();
      await server.predict({ vector: queryOf(0), k: 1, seed: 1 });
      await server.request("/index.midx");
    };
    await ask();
    server.comeAnew();
    await ask();
    const keys = fetch.mock.calls.map(([, init]) => new Headers(init?.headers).get("x-client-key"));
    expect(keys).toEqual([keys[0], keys[0], keys[0], keys[3], keys[3], keys[3]]);
    expect(keys[0]).toBeTruthy();
    expect(keys[3]).toBeTruthy();
    expect(keys[3]).not.toBe(keys[0]);
  });
});
