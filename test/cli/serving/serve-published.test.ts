import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { clicks } from "../building/clicks.ts";
import { makeFolder } from "../files.ts";
import { midx, writeTable } from "../run.ts";
import { succeed } from "../tasks/words.ts";
import { serving } from "./serving.ts";

const post = (url: string, body: object): Promise<Response> =>
  fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

/** A folder in which an index of so many rows is published, and a way to publish another one. */
async function published(rows: number) {
  const folder = makeFolder();
  const publish = async (count: number): Promise<void> => {
    const file = join(folder, `${count}.midx`);
    await succeed("build", writeTable(count, 4), "--calibrate", "off", "-o", file);
    await succeed("publish", file, "--folder", join(folder, "public"));
  };
  await publish(rows);
  return { pointer: join(folder, "public", "current.json"), publish };
}

test("midx serve answers with what a pointer names, and then with what is published later", async () => {
  const { pointer, publish } = await published(50);
  const outcome = await serving([pointer, "--refresh-seconds", "0.1"], async (url) => {
    const itemCount = async (): Promise<number> => (await (await fetch(`${url}/v1/info`)).json()).itemCount;
    expect(await itemCount()).toBe(50);
    const answer = await (await post(`${url}/v1/predict`, { vector: [1, 2, 3, 4], k: 3 })).json();
    expect(answer).toMatchObject({ ids: expect.any(Array), version: expect.stringMatching(/^[0-9a-f]{12}$/) });
    expect((await post(`${url}/v1/upsert`, { labels: ["a"], rows: [[1, 2, 3, 4]] })).status).toBe(404);
    await publish(60);
    await expect.poll(itemCount, { timeout: 10_000 }).toBe(60);
  });
  expect(outcome).toMatchObject({ code: 0, stderr: "" });
});

test("a published index with an encoder takes sequences", async () => {
  const folder = makeFolder();
  const [model, index] = [join(folder, "m.safetensors"), join(folder, "i.midx")];
  const training = ["--task", "next-item", "--encoder", "gru", "--dim", "8", "--epochs", "1", "-o", model];
  await succeed("train", clicks(), ...training);
  await succeed("build", model, "--row-type", "f32", "--calibrate", "off", "-o", index);
  await succeed("publish", index, "--folder", folder);
  await serving([join(folder, "current.json")], async (url) => {
    expect(await (await post(`${url}/v1/predict`, { sequence: ["1"], k: 2 })).json()).toMatchObject({
      labels: [expect.stringMatching(/^[0-4]$/), expect.stringMatching(/^[0-4]$/)],
    });
  });
});

test("midx serve of a pointer refuses what it cannot serve, by name", async () => {
  const { pointer } = await published(20);
  const refused = async (...argv: readonly string[]): Promise<string> =>
    (await midx(["serve", ...argv, "--port", "0"], { signal: AbortSignal.timeout(5000) })).stderr;
  expect(await refused(pointer, "--part", "0")).toContain("'--part' expected a manifest");
  expect(await refused(pointer, "--max-delta", "9")).toContain("'--max-delta'");
  const lonely = join(makeFolder(), "current.json");
  writeFileSync(lonely, JSON.stringify({ parts: [{ sha256: "0" }] }));
  expect(await refused(lonely)).toMatch(/^error: .*current\.json: /);
});
