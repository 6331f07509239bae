import { beforeAll, describe, expect, it } from "vitest";
import type { MultiIndex } from "../../src/index/multi-index.ts";
import { jsonInit, libraryIndex, post, queryOf, send } from "./client.ts";

const ALIAS = "/client/v4/accounts/0123abcd/vectorize/v2/indexes/words/query";
let index: MultiIndex;
let vector: number[];

beforeAll(async () => {
  index = await libraryIndex();
  vector = queryOf(index.info.dim, 5);
});

describe.each(["/v1/query", ALIAS])("POST %s", (path) => {
  it("answers the five best classes in Vectorize's envelope, ids as strings", async () => {
    const { ids, scores } = index.topK(Float32Array.from(vector), 5, { scan: 1024 });
    const response = await post(path, { vector });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-index-version")).toBe(index.info.contentId.slice(0, 12));
    expect(response.headers.get("x-classes-scored")).toBe(String(index.topK(vector, 5).scored));
    expect(await response.json()).toEqual({
      result: {
        count: 5,
        matches: Array.from(ids, (id, rank) => ({ id: String(id), score: scores[rank] })),
      },
      success: true,
      errors: [],
      messages: [],
    });
  });

  it("takes what a Vectorize client sends along by default", async () => {
    const body = { vector, topK: 2, returnValues: false, returnMetadata: "none" };
    expect(await (await post(path, body)).json()).toMatchObject({ success: true, result: { count: 2 } });
  });

  it.each([
    [{ filter: { genre: "news" } }, '"filter.genre" expected an index built with columns, got one without'],
    [{ filter: null }, '"filter" expected an object of columns, got null'],
    [{ namespace: "a" }, '"namespace" expected an index built with namespaces, got one without'],
    [{ returnMetadata: "every" }, '"returnMetadata" expected "none", "indexed", "all", true or false, got "every"'],
    [{ returnValues: 1 }, '"returnValues" expected true or false, got 1'],
    [{ vectorId: "7" }, 'body expected one of "vector", "vectorId", got both'],
    [{ vector: undefined, vectorId: "no such" }, '"vectorId" expected an id of the index, got an unknown string'],
    [{ vector: undefined, vectorId: 7 }, '"vectorId" expected a string, got 7'],
    [{ topK: 1001 }, '"topK" expected an integer from 0 to 1000, got 1001'],
    [{ k: 3 }, '"k" is not a field of this request'],
    [{ exact: true }, '"exact" is not a field of this request'],
    [{ temperature: 1 }, '"temperature" is not a field of this request'],
    [{ vector: [1] }, '"vector" expected D values, got 1: vectors have to come from the model'],
    [{ vector: undefined }, 'body expected one of "vector", "vectorId", got none'],
  ])("refuses %j by name, in the envelope", async (fields, message) => {
    const response = await post(path, { vector, ...fields });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      result: null,
      success: false,
      errors: [{ code: 40001, message: expect.stringContaining(message.replace(/\bD\b/, String(index.info.dim))) }],
      messages: [],
    });
  });

  it.each([
    [400, 40000, jsonInit("{")],
    [405, 40500, { method: "GET" }],
    [413, 41300, jsonInit(" ".repeat(131073))],
    [415, 41500, { method: "POST", body: "{}", headers: { "content-type": "text/plain" } }],
  ])("answers a %i in the envelope, with code %i", async (status, code, init) => {
    const response = await send(path, init);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ result: null, success: false, errors: [{ code }], messages: [] });
    expect(response.headers.get("x-request-id")).toBeTruthy();
  });
});
