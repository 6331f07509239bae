import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleCli } from "../cli/bundle.ts";
import { startS3 } from "../cli/publishing/s3-server.ts";
import { midx, writeTable } from "../cli/run.ts";
import { startServe } from "./serve-process.ts";
import { BEARER, best, killBetweenWrites, labelsIn, liveFiles, rowOf, upsert } from "./served-log.ts";

let bundle: Awaited<ReturnType<typeof bundleCli>>;
beforeAll(async () => {
  bundle = await bundleCli();
});
afterAll(() => bundle.remove());

test("midx serve --log keeps what it has acknowledged when it is killed between writes", () =>
  killBetweenWrites("Node", bundle.cli));

test("processes with one log answer with the changes of each other", async () => {
  const { argv } = await liveFiles();
  const servers = [await startServe("Node", bundle.cli, argv), await startServe("Node", bundle.cli, argv)] as const;
  const writes = Array.from({ length: 12 }, (_, i) => upsert(servers[i % 2 === 0 ? 0 : 1], `new ${i}`, rowOf(i)));
  const numbers = (await Promise.all(writes)).map(({ body }) => body.sequence as number);
  expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  for (const server of servers) for (let i = 0; i < 12; i++) expect(await best(server, rowOf(i), 12)).toBe(`new ${i}`);
  const removed = await servers[0].post("/v1/delete", { labels: ["new 3"] }, BEARER);
  expect(await best(servers[1], rowOf(3), removed.body.sequence as number)).not.toBe("new 3");
  expect((await servers[1].post("/v1/predict", { vector: rowOf(0), minMutation: 99 })).status).toBe(400);
  for (const server of servers) await server.end("SIGTERM");
});

test("a version that is published has the changes of the log before it answers", async () => {
  const { file, folder, argv } = await liveFiles();
  const publish = async (name: string, built: string): Promise<void> => {
    const { code, stderr } = await midx(["publish", built, "--folder", folder, "--as", name]);
    expect(code, stderr).toBe(0);
  };
  await publish("one", file);
  const pointer = join(folder, "current.json");
  const server = await startServe("Node", bundle.cli, [pointer, ...argv.slice(1), "--refresh-seconds", "0.2"]);
  const { body } = await upsert(server, "new", rowOf(0));
  expect(await best(server, rowOf(0), body.sequence as number)).toBe("new");
  const other = join(folder, "other.midx");
  await midx(["build", writeTable(60, 4), "--labels", labelsIn(folder, 60), "-o", other, "--calibrate", "off"]);
  await publish("two", other);
  let version = "one";
  while (version !== "two") {
    const answer = await server.post("/v1/predict", { vector: rowOf(0).map((x) => 100 * x), k: 1, exact: true });
    expect([answer.status, answer.body.labels]).toEqual([200, ["new"]]);
    version = answer.body.version as string;
  }
  await server.end("SIGTERM");
});

test("a log in a bucket is kept below its prefix", async () => {
  const { file, argv } = await liveFiles();
  const [id, secret] = ["0123456789abcdef", "fedcba9876543210/+="];
  const bucket = await startS3("words", id, secret);
  const env = { AWS_ENDPOINT_URL: bucket.url, AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret };
  const inBucket = [file, "--log", "s3://words/shop/log", ...argv.slice(3)];
  for (const [i, label] of ["first", "second"].entries()) {
    const server = await startServe("Node", bundle.cli, inBucket, env);
    expect((await upsert(server, label, rowOf(i))).body.sequence).toBe(i + 1);
    expect(await best(server, rowOf(0), i + 1)).toBe("first");
    await server.end("SIGKILL");
  }
  expect([...bucket.objects.keys()].filter((key) => !key.includes("/keys/")).sort()).toEqual(
    ["000000000001.set", "000000000002.set", "conditions"].map((name) => `shop/log/${name}`),
  );
  await bucket.close();
});

test("what is neither an index nor a pointer is refused with its name, once, and what it is", async () => {
  const { folder } = await liveFiles();
  const refusal = async (name: string, text: string): Promise<string> => {
    writeFileSync(join(folder, name), text);
    const { stderr } = await midx(["serve", join(folder, name), "--log", join(folder, "log")]);
    return stderr.replaceAll(`${join(folder, name)}: `, "<file>: ");
  };
  expect(await midx(["serve", folder, "--log", join(folder, "log")])).toMatchObject({
    stderr: expect.stringContaining(`error: ${folder}: expected a file, got a folder`),
  });
  expect(await refusal("a.midx", "id,x\n1,2\n")).toContain(
    "<file>: it looks like plain text, not an index: pass a file that midx build wrote",
  );
  expect(await refusal("plan.json", '{"kind":"build-plan"}')).toContain(
    "<file>: it looks like a plan of a build in parts, not an index: ",
  );
  expect(await refusal("current.json", '{"pointerVersion":9}')).toMatch(
    /^error: <file>: the pointer: "pointerVersion" expected 1, 2 or 3/,
  );
});

test("options of a log are refused without one, and nobody may write without a token", async () => {
  const { file, folder, argv } = await liveFiles();
  for (const option of [
    ["--write-token-file", file],
    ["--delta-seconds", "1"],
    ["--max-delta", "9"],
  ]) {
    const { code, stderr } = await midx(["serve", file, ...option]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`'${option[0]}' expected '--log' beside it`)]);
  }
  const web = await midx(["serve", file, "--log", "https://example.com/log"]);
  expect(web).toMatchObject({ code: 2, stderr: expect.stringContaining("'--log' expected a folder or s3://") });
  expect(argv).toContain(join(folder, "log"));
  const closed = await startServe("Node", bundle.cli, argv.slice(0, 3));
  const { status, body } = await closed.post("/v1/upsert", { labels: ["x"], rows: [rowOf(0)] }, BEARER);
  expect([status, body.code]).toEqual([403, "writes_closed"]);
  await closed.end("SIGTERM");
});
