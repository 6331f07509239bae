import { rmSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { keepSet, keptSet } from "../../bench/peers/kept-sets.ts";
import type { PeerSet } from "../../bench/peers/result.ts";

const key = `test-${process.pid}`;
afterAll(() => rmSync(new URL(`../../build/peers-sets/${key}.json`, import.meta.url)));

const origin = { commit: "abc", machine: "a machine", node: "v24", options: "{}" };
const set = { name: "GloVe", kinds: ["any words"] } as unknown as PeerSet;

test("a measured set is taken again for its commit, machine and options alone", () => {
  expect(keptSet(key, origin)).toBeUndefined();
  keepSet(key, origin, set);
  expect(keptSet(key, { ...origin })).toEqual(set);
  for (const other of [{ commit: "abd" }, { machine: "another" }, { node: "v26" }, { options: "{ }" }]) {
    expect(keptSet(key, { ...origin, ...other })).toBeUndefined();
  }
});

test("a set of changed files is never taken again, as they may have changed since", () => {
  const changed = { ...origin, commit: "abc with changes" };
  keepSet(key, changed, set);
  expect(keptSet(key, changed)).toBeUndefined();
});
