import { beforeAll, beforeEach, expect, test } from "vitest";
import { FaultyHost, killed } from "./faulty-hosts.ts";
import { ask, hostOf, partHost, router } from "./in-process.ts";
import { ManifestShelf, partedFiles, queryOf } from "./parted-files.ts";

// What the errors of routers say to do.

const SIZES = [20, 30, 25, 15];
const vector = Array.from(queryOf(1));
const shelf = new ManifestShelf();
let hosts: FaultyHost[];
beforeAll(async () => shelf.publish(await partedFiles({ version: "a", seed: 5, sizes: SIZES })));
beforeEach(() => {
  hosts = SIZES.map((_, number) => new FaultyHost(hostOf(partHost(shelf, number))));
});

const lower = () => hostOf(router(shelf, ({ numbers: [number = 0] }) => [hosts[number] as FaultyHost]).app);
const detailOf = async (groups: readonly number[], below: ReturnType<typeof lower>, body: object): Promise<string> => {
  const { app } = router(shelf, () => [below], { groups });
  const { status, answer } = await ask(app, "/v1/predict", { vector, ...body });
  expect([status, answer.code]).toEqual([503, "part_missing"]);
  return answer.detail;
};

test("a missing part behind two routers is named with one remedy, and with none that the request has tried", async () => {
  (hosts[3] as FaultyHost).fault = killed;
  const detail = await detailOf([2, 2], lower(), {});
  expect(detail.match(/retry/g)).toHaveLength(1);
  expect(detail).toMatch(/part 3: connection refused; retry, or with "partial": "allow" take top k or .* others$/);
  for (const host of hosts) host.fault = killed;
  for (const body of [{}, { partial: "allow" }]) {
    expect(await detailOf([2, 2], lower(), body)).not.toContain('"partial"');
  }
});

test("a router with other groups than the one above says which it has", async () => {
  const detail = await detailOf([1, 3], hostOf(router(shelf, () => [lower()], { groups: [2, 2] }).app), {});
  expect(detail).toContain('"x-midx-parts" expected whole groups of this router, 0,1 or 2,3 (--part-groups), got 0');
});

test("a host that refuses the token of a router leads to the option", async () => {
  const unauthorized = { status: 401, headers: { "content-type": "application/problem+json" } };
  const body = JSON.stringify({
    code: "unauthorized",
    detail: "authorization expected a known bearer token, got none",
  });
  (hosts[0] as FaultyHost).fault = async () => new Response(body, unauthorized);
  const detail = await detailOf([2, 2], lower(), {});
  expect(detail).toContain("got none: give this router the token of its host (--part-token-file)");
});
