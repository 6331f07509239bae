import { PatternRouter } from "hono/router/pattern-router";
import { expect, it } from "vitest";
import { RouteTable } from "../../worker/middleware/route-table.ts";

const ROUTES = [
  ["ALL", "*"],
  ["ALL", "/v1/*"],
  ["GET", "/v1/info"],
  ["POST", "/v1/predict"],
  ["POST", "/v1/:index/query"],
  ["POST", "/v1/late"],
  ["POST", "/v1/:index"], // also finds /v1/predict, which was found before
] as const;

const METHODS = ["GET", "POST", "PROPFIND"];
const PATHS = ["/v1/predict", "/v1/predict/", "/v1/info", "/v1/a/query", "/v1/%70redict", "/v1", "/", "", "/v1/late"];

it("finds what hono's own router finds, when it is asked first and again, and after a route was added", () => {
  const table = new RouteTable<string>();
  const plain = new PatternRouter<string>();
  for (const [method, path] of ROUTES) {
    for (const router of [table, plain]) router.add(method, path, `${method} ${path}`);
    for (let time = 0; time < 2; time++) {
      for (const asked of METHODS) {
        for (const at of PATHS) expect(table.match(asked, at)).toEqual(plain.match(asked, at));
      }
    }
  }
});

it("remembers routes, not whatever is asked for", () => {
  const table = new RouteTable<string>();
  table.add("POST", "/v1/predict", "predict");
  table.add("POST", "/v1/:index/query", "query");
  expect(table.match("POST", "/v1/predict")).toBe(table.match("POST", "/v1/predict"));
  for (const [method, path] of [
    ["PROPFIND", "/v1/predict"],
    ["POST", "/v1/predict/"],
    ["POST", "/v1/words/query"],
  ] as const) {
    expect(table.match(method, path)).not.toBe(table.match(method, path));
  }
});
