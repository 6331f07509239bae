import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { withPage } from "../../../src/cli/serving/page-files.ts";
import { makeFolder } from "../files.ts";

const app = () => new Response("the application's");

/** A page of three files, and other files beside it that must not be served. */
function laidOut() {
  const folder = makeFolder();
  const page = join(folder, "page");
  mkdirSync(join(page, "deeper"), { recursive: true });
  const files = { "index.html": "<html>", "page.js": "script", "page.css": "style", "queries.f32": "floats" };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(page, name), text);
  writeFileSync(join(page, "deeper", "hidden.js"), "hidden");
  writeFileSync(join(folder, "openapi.json"), "description");
  writeFileSync(join(folder, "secret.txt"), "secret");
  writeFileSync(join(folder, "words.midx"), "index");
  return { page: pathToFileURL(`${page}/`) };
}

const get = async (fetch: ReturnType<typeof withPage>, path: string, method = "GET") => {
  const response = await fetch(new Request(`http://127.0.0.1${path}`, { method }));
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
};

describe("the files of the page", () => {
  test("are answered with their types", async () => {
    const { page } = laidOut();
    const fetch = withPage(app, "openapi.json", page);
    const html = { status: 200, type: "text/html; charset=utf-8", text: "<html>" };
    expect(await get(fetch, "/")).toEqual(html);
    expect(await get(fetch, "/page/index.html?a=b")).toEqual(html);
    expect(await get(fetch, "/page/page.js")).toMatchObject({ type: "text/javascript; charset=utf-8", text: "script" });
    expect(await get(fetch, "/page/page.css")).toMatchObject({ type: "text/css; charset=utf-8", text: "style" });
    expect(await get(fetch, "/page/queries.f32")).toMatchObject({ type: "application/octet-stream", text: "floats" });
    expect(await get(fetch, "/openapi.json")).toMatchObject({ type: "application/json", text: "description" });
  });

  test("may lack examples, which is no error", async () => {
    const { page } = laidOut();
    expect(await get(withPage(app, "openapi.json", page), "/page/examples.json")).toMatchObject({
      status: 204,
      text: "",
    });
    writeFileSync(new URL("examples.json", page), "{}");
    const there = { status: 200, type: "application/json", text: "{}" };
    expect(await get(withPage(app, "openapi.json", page), "/page/examples.json")).toEqual(there);
  });

  test("have a request id, as openapi.json says: that of the request, or a new one", async () => {
    const fetch = withPage(app, "openapi.json", laidOut().page);
    const idOf = async (path: string, method: string, headers: Record<string, string> = {}) =>
      (await fetch(new Request(`http://127.0.0.1${path}`, { method, headers }))).headers.get("x-request-id");
    for (const method of ["GET", "HEAD", "POST"]) {
      for (const path of ["/", "/page/page.js", "/page/examples.json", "/openapi.json"]) {
        expect(await idOf(path, method, { "x-request-id": "proxy-7" }), `${method} ${path}`).toBe("proxy-7");
        expect(await idOf(path, method), `${method} ${path}`).toMatch(/^[0-9a-f-]{36}$/);
      }
    }
  });

  test("are read by GET and HEAD alone", async () => {
    const { page } = laidOut();
    const fetch = withPage(app, "openapi.json", page);
    expect(await get(fetch, "/page/page.js", "HEAD")).toMatchObject({ status: 200, text: "" });
    const refused = await get(fetch, "/", "POST");
    expect(refused).toMatchObject({ status: 405, type: "application/problem+json" });
    const detail = "/ takes GET, HEAD, not POST";
    expect(JSON.parse(refused.text)).toMatchObject({ code: "method_not_allowed", status: 405, detail });
  });

  test.each([
    "/v1/info",
    "/page/",
    "/page/other.js",
    "/page/deeper/hidden.js",
    "/page/../secret.txt",
    "/page/%2e%2e/secret.txt",
    "/page/..%2fsecret.txt",
    "/page//etc/passwd",
    "/words.midx",
    "/toString",
  ])("are all that is answered from files: %s is not", async (path) => {
    const { page } = laidOut();
    expect((await get(withPage(app, "openapi.json", page), path)).text).toBe("the application's");
  });

  test("are none where there is no page, as beside the sources", async () => {
    const { page } = laidOut();
    for (const folder of [new URL("missing/", page), undefined]) {
      for (const path of ["/", "/page/page.js", "/page/examples.json"]) {
        expect((await get(withPage(app, "openapi.json", folder), path)).text).toBe("the application's");
      }
    }
  });
});
