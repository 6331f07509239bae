import { once } from "node:events";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { onceFor } from "../../run/once-for.ts";
import { makeFolder, writeInput } from "../files.ts";
import { midx, writeTable } from "../run.ts";
import { serving } from "./serving.ts";

const built = onceFor(async (): Promise<Buffer> => {
  const output = join(makeFolder(), "index.midx");
  await midx(["build", writeTable(50, 4), "-o", output]);
  return readFileSync(output);
});

/** Writes an index that is built once for all tests to a new folder. */
const builtIndex = async (): Promise<string> => writeInput("index.midx", await built());

describe("midx serve", () => {
  test("answers as the Worker does, and ends when it is asked to", async () => {
    const outcome = await serving([await builtIndex()], async (url) => {
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      const info = await (await fetch(`${url}/v1/info`)).json();
      expect(info).toMatchObject({ itemCount: 50, dim: 4 });
      const answer = await fetch(`${url}/v1/predict`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ vector: [1, 2, 3, 4], k: 3 }),
      });
      expect(answer.status).toBe(200);
      expect(JSON.stringify(await answer.json())).toContain("probabilities");
    });
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
  });

  test("keeps connections longer than proxies do, which so close them first", async () => {
    await serving([await builtIndex()], async (url) => {
      const { headers } = await fetch(`${url}/healthz`);
      const [, seconds] = /^timeout=(\d+)$/.exec(headers.get("keep-alive") ?? "") ?? [];
      expect(Number(seconds)).toBeGreaterThan(120); // as long as Caddy does
    });
  });

  test("says that the file which the page asks for is gone, and answers questions", async () => {
    const file = await builtIndex();
    const { stderr } = await serving([file], async (url) => {
      rmSync(file);
      const answer = await fetch(`${url}/index.midx`);
      expect(answer.status).toBe(503);
      const detail = `${file}: there is no such file or folder (ENOENT)`;
      expect(await answer.json()).toMatchObject({ code: "index_unreadable", detail });
      expect((await fetch(`${url}/v1/info`)).status).toBe(200);
    });
    expect(stderr).toBe("");
  });

  test("audits as many estimates as it is told to, for midx calibrate", async () => {
    const file = await builtIndex();
    const asked = { vector: [1, 2, 3, 4], scan: 4, seed: 1 };
    const ask = (url: string) =>
      fetch(`${url}/v1/predict`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(asked),
      });
    await serving([file, "--audit-rate", "1", "--audit-queries"], async (url) => {
      await (await ask(url)).json();
      const audits = async () => (await fetch(`${url}/v1/audits`)).text();
      await expect.poll(audits).not.toBe("");
      expect(JSON.parse(await audits())).toMatchObject({ format: "midx-audit", scan: 4, query: asked.vector });
    });
    await serving([file], async (url) => {
      await (await ask(url)).json();
      expect(await (await fetch(`${url}/v1/audits`)).text()).toBe("");
    });
  });

  test("limits the work of a request as it is told to: of a file, with a log, of a manifest", async () => {
    const folder = makeFolder();
    await midx(["build", writeTable(40, 4), "--parts", "2", "-o", folder, "--calibrate", "off"]);
    const [file, manifest, log] = [await builtIndex(), join(folder, "manifest.json"), join(makeFolder(), "log")];
    for (const argv of [[file], [file, "--log", log], [manifest]]) {
      for (const [maxWork, status] of [
        ["50", 400],
        ["1000000000", 200],
      ] as const) {
        await serving([...argv, "--max-work", maxWork], async (url) => {
          const answered = await fetch(`${url}/v1/predict`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ vector: [1, 2, 3, 4], scan: 4 }),
          });
          expect(answered.status, `${argv} ${maxWork}`).toBe(status);
          if (status === 400) expect(await answered.text()).toContain("the limit is 50");
          else await answered.body?.cancel();
        });
      }
    }
  });

  test("says which parts of a manifest do not answer when it begins, and why", async () => {
    const folder = makeFolder();
    await midx(["build", writeTable(40, 4), "--parts", "2", "-o", folder, "--calibrate", "off"]);
    const manifest = join(folder, "manifest.json");
    expect(await midx(["serve", manifest, "--part", "2"])).toMatchObject({
      ...{ code: 2, stderr: expect.stringContaining("'--part' expected 0 to 1, a part of the manifest, got 2") },
    });
    await serving([await builtIndex()], async (noPart) => {
      await serving([manifest, "--part", "1"], async (part) => {
        const routed = await serving([manifest, "--part-at", noPart, "--part-at", part], async (url) => {
          expect((await fetch(`${url}/readyz`)).status).toBe(200);
        });
        expect(routed.stderr).toMatch(/^warning: part 0: it answered 404 not_found: .*"partial": "allow"\n$/);
      });
      const whole = await serving([manifest], async () => {});
      expect(whole.stderr).toBe("");
      for (const name of readdirSync(folder)) if (name.startsWith("part-0001")) rmSync(join(folder, name));
      const lacking = await serving([manifest], async () => {});
      expect(lacking.stderr).toMatch(
        /^warning: part 1: .*part-0001.*: there is no such file or folder .*"partial": "allow"\n$/,
      );
    });
  });

  test("exits with 1 where the port is taken, with 2 for what is no port and with 3 for a bad file", async () => {
    const file = await builtIndex();
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    expect(await midx(["serve", file, "--port", port])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(port),
    });
    taken.close();
    expect(await midx(["serve", file, "--port", "65536"])).toMatchObject({ code: 2 });
    expect(await midx(["serve", new URL("serve.test.ts", import.meta.url).pathname])).toMatchObject({ code: 3 });
  });
});
