import { expect, test } from "vitest";
import { driftIn } from "../../src/cli/drift/service-drift.ts";
import { createApp } from "../../worker/app.ts";
import { fixedHost } from "../../worker/host/fixed-host.ts";
import { Exposition } from "../../worker/telemetry/prometheus.ts";
import { banded, DIM, fileOf, indexOf, queriesOfKind } from "./drift-case.ts";

const index = await indexOf(await fileOf());

/** A service that answers 100 queries of a version before it swaps to another, and 100 larger ones of that. */
async function swapped(): Promise<string> {
  const host = fixedHost(index);
  let served = { index, version: "one" };
  const app = createApp({
    ...host,
    served: async () => served,
    health: () => ({ ...host.health(), served }),
    watchDrift: banded,
  });
  for (const [version, factor] of [
    ["one", 1],
    ["two", 2],
  ] as const) {
    served = { index, version };
    const queries = queriesOfKind(100, 11).map((value) => factor * value);
    const vectors = Array.from({ length: 100 }, (_, i) => Array.from(queries.subarray(i * DIM, (i + 1) * DIM)));
    const init = { method: "POST", headers: { "content-type": "application/json" } };
    expect((await app.request("/v1/predict", { ...init, body: JSON.stringify({ vectors, k: 1 }) })).status).toBe(200);
  }
  return (await app.request("/metrics")).text();
}

test("the drift of a service is that of the version that it serves", async () => {
  const found = driftIn(await swapped());
  expect(found).toMatchObject({ version: "two", due: "rebuild" });
  const places = found.drifts.map(({ band, measure }) => `${band} ${measure}`);
  expect(new Set(places).size).toBe(places.length);
  expect(found.drifts.find(({ band }) => band === "all")?.drift).toBeGreaterThan(1);
});

test("a version that has not answered yet has no drift, whatever the one before it has", async () => {
  const metrics = (await swapped()).replaceAll(/^(midx_index_info\{version=)"two"/gm, '$1"three"');
  expect(() => driftIn(metrics)).toThrow("expected a service that has answered queries");
});

test("metrics have each family once, with the samples of both versions", async () => {
  const families = (await swapped()).match(/^# TYPE \w+/gm) ?? [];
  expect(families).toContain("# TYPE midx_drift");
  expect(new Set(families).size).toBe(families.length);
});

test("the samples of a family stand together, in the order in which they were written", () => {
  const out = new Exposition();
  out.gauge("a", "The first.", [[{ version: "one" }, 1]]);
  out.gauge("b", "The second.", [[{}, 2]]);
  out.gauge("a", "The first.", [[{ version: "two" }, 3]]);
  expect(out.text).toBe(
    '# HELP a The first.\n# TYPE a gauge\na{version="one"} 1\na{version="two"} 3\n# HELP b The second.\n# TYPE b gauge\nb 2\n',
  );
});
