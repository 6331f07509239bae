import { once } from "node:events";
import { request } from "node:http";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hostCheck, isLoopback } from "../../../src/cli/serving/hosts.ts";
import { makeFolder, writeInput } from "../files.ts";
import { midx, writeTable } from "../run.ts";
import { serving } from "./serving.ts";

const TOKEN = "a-token-of-the-tests";

async function builtIndex(): Promise<string> {
  const output = join(makeFolder(), "index.midx");
  await midx(["build", writeTable(50, 4), "-o", output, "--calibrate", "off"]);
  return output;
}

/** Sends a request with any `Host`, or with a whole URL as its target. `fetch` allows neither. */
async function ask(url: string, path: string, headers: Record<string, string> = {}, method = "GET") {
  const { hostname, port } = new URL(url);
  const asked = request({ hostname, port, path, method, headers, agent: false });
  asked.end();
  const [response] = await once(asked, "response");
  let text = "";
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode as number, headers: response.headers, text };
}

describe("the host of a request", () => {
  test("is the address or localhost at the port, and no name that leads here", async () => {
    const { stderr } = await serving([await builtIndex()], async (url) => {
      const { port } = new URL(url);
      for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`]) {
        expect((await ask(url, "/healthz", { host })).status, host).toBe(200);
      }
      for (const host of [
        `evil.example:${port}`,
        "evil.example",
        "localhost",
        "localhost:1",
        `localhost.evil.example:${port}`,
        `127.0.0.1.evil.example:${port}`,
        `localhost:${port}@evil.example`,
        `10.0.0.1:${port}`,
      ]) {
        for (const path of ["/", "/healthz", "/v1/info", "/index.midx", "/openapi.json", "/nothing"]) {
          expect((await ask(url, path, { host })).status, host + path).toBeOneOf([400, 421]);
        }
      }
      for (const method of ["HEAD", "OPTIONS", "POST"]) {
        expect((await ask(url, "/v1/info", { host: "evil.example" }, method)).status).toBe(421);
      }
    });
    expect(stderr).toBe("");
  });

  test("is that of a whole URL as the target, too", async () => {
    await serving([await builtIndex()], async (url) => {
      const host = new URL(url).host;
      expect((await ask(url, `http://${host}/healthz`, { host })).status).toBe(200);
      expect((await ask(url, "http://evil.example/healthz", { host })).status).toBe(421);
      expect((await ask(url, `http://${host}/healthz`, { host: "evil.example" })).status).toBe(421);
    });
  });

  test("is refused with the option that lets it in, which does", async () => {
    const file = await builtIndex();
    await serving([file], async (url) => {
      const { headers, text } = await ask(url, "/v1/info", { host: "midx.example:81", "x-request-id": "proxy-7" });
      expect(headers["x-request-id"]).toBe("proxy-7");
      expect(headers["content-type"]).toBe("application/problem+json");
      expect(JSON.parse(text)).toMatchObject({
        status: 421,
        code: "misdirected",
        detail: expect.stringContaining("--allow-host midx.example:81"),
      });
    });
    await serving([file, "--allow-host", "midx.example:81", "--allow-host", "Other.example"], async (url) => {
      const status = async (host: string) => (await ask(url, "/v1/info", { host })).status;
      for (const host of ["midx.example:81", "other.example", "other.example:9"])
        expect(await status(host), host).toBe(200);
      for (const host of ["midx.example", "midx.example:82"]) expect(await status(host), host).toBe(421);
    });
    const outcome = await midx(["serve", file, "--allow-host", "http://midx.example/"]);
    expect(outcome).toMatchObject({ code: 2, stderr: expect.stringContaining("--allow-host") });
  });

  test("may be any address, and no other name, where all addresses are listened on", () => {
    const isAllowed = hostCheck({ host: "0.0.0.0", address: "0.0.0.0", port: 8787 }, []);
    for (const host of ["192.168.1.5:8787", "[fd00::5]:8787", "localhost:8787"]) expect(isAllowed(host)).toBe(true);
    for (const host of ["192.168.1.5", "192.168.1.5:80", "evil.example:8787", "1.2.3:8787", ""]) {
      expect(isAllowed(host), host).toBe(false);
    }
    const isAllowedAt = hostCheck({ host: "Box.local", address: "192.168.1.5", port: 80 }, []);
    for (const host of ["box.local", "box.local:80", "192.168.1.5"]) expect(isAllowedAt(host)).toBe(true);
    expect(isAllowedAt("192.168.1.6")).toBe(false);
  });
});

describe("a token", () => {
  const bearer = { authorization: `Bearer ${TOKEN}` };

  test.each([
    ["--token", () => ({ argv: ["--token", TOKEN] })],
    ["--token-file", () => ({ argv: ["--token-file", writeInput("token", new TextEncoder().encode(`${TOKEN}\n`))] })],
    ["MIDX_TOKEN", () => ({ argv: [], env: { MIDX_TOKEN: TOKEN } })],
    ["--token before MIDX_TOKEN", () => ({ argv: ["--token", TOKEN], env: { MIDX_TOKEN: "another-one" } })],
  ])("of %s guards questions, metrics and the index file", async (_, given) => {
    const { argv, env = {} } = given() as { argv: string[]; env?: Record<string, string> };
    await serving(
      [await builtIndex(), ...argv],
      async (url) => {
        for (const path of [
          "/v1/info",
          "/metrics",
          "/metrics/",
          "/index.midx",
          "/v1/unknown",
          "/client/v4",
          "//v1/info/../info",
        ]) {
          for (const method of ["GET", "HEAD", "POST"]) {
            const { status, text } = await ask(url, path, {}, method);
            expect(status, `${method} ${path}`).toBeOneOf([401, 404]);
            expect(text).not.toContain("itemCount");
          }
        }
        for (const path of ["/v1/info", "/metrics", "/index.midx"]) {
          expect((await ask(url, path, { authorization: "Bearer another-one" })).status).toBe(401);
          const { status, headers } = await ask(url, path, bearer);
          expect(status).toBe(200);
          expect(headers["cache-control"]).toBe("no-store");
        }
        expect((await ask(url, "/healthz")).status).toBe(200);
      },
      env,
    );
  });

  test("that is blank or can't be sent is refused before anything is served", async () => {
    const file = await builtIndex();
    const blank = writeInput("token", new TextEncoder().encode(" \n"));
    for (const [argv, env, message] of [
      [["--token", ""], {}, "'--token' expected"],
      [["--token", "two words"], {}, "'--token' expected"],
      [["--token-file", blank], {}, "'--token-file'"],
      [["--token-file", `${blank}-missing`], {}, "-missing"],
      [["--token-file", file], {}, "--token-file"],
      [["--token-file", "/dev/zero"], {}, "--token-file"],
      [[], { MIDX_TOKEN: "" }, "MIDX_TOKEN"],
      [[], { MIDX_TOKEN: "é" }, "MIDX_TOKEN"],
      [[], { MIDX_TOKEN: "," }, "MIDX_TOKEN"],
      [["--token", TOKEN, "--token-file", blank], {}, "--token-file"],
    ] as const) {
      const { code, stderr, stdout } = await midx(["serve", file, "--port", "0", ...argv], { env });
      expect(code, stderr).toBeOneOf([1, 2]);
      expect(stderr).toContain(message);
      expect(stderr).not.toContain("two words");
      expect(stdout).toBe("");
    }
  });

  test("is missed where other machines can come in without one, and only there", async () => {
    const file = await builtIndex();
    const warned = await serving([file, "--host", "0.0.0.0"], async () => {});
    expect(warned.stderr).toMatch(/^warning: other machines can reach .*MIDX_TOKEN.*--token-file/);
    expect((await serving([file, "--host", "0.0.0.0", "--token", TOKEN], async () => {})).stderr).toBe("");
    expect((await serving([file], async () => {})).stderr).toBe("");
    for (const address of ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"]) expect(isLoopback(address)).toBe(true);
    for (const address of ["0.0.0.0", "::", "10.0.0.1", "192.168.127.1", "fd00::1"])
      expect(isLoopback(address)).toBe(false);
  });
});

test("HEAD of the index file says its length, and GET gives its bytes", async () => {
  await serving([await builtIndex()], async (url) => {
    const head = await ask(url, "/index.midx", {}, "HEAD");
    const get = await fetch(`${url}/index.midx`);
    expect(head.text).toBe("");
    expect(Number(head.headers["content-length"])).toBe((await get.arrayBuffer()).byteLength);
  });
});
