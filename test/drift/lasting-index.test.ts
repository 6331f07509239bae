import { expect, test } from "vitest";
import type { Served } from "../../worker/host/host.ts";
import { BandedDrift } from "../../worker/telemetry/banded-drift.ts";
import { Exposition } from "../../worker/telemetry/prometheus.ts";

/** The metrics of a version whose answers come from an object of their own, over parts. */
function metricsOf(fullest: { readonly rowCount: number; readonly maxDelta: number }): string {
  const lasting = {};
  const served = { index: {}, lasting, version: "one" } as unknown as Served;
  const drift = new BandedDrift(served, (index) => (index === lasting ? fullest : { rowCount: 60, maxDelta: 100 }));
  const out = new Exposition();
  drift.addTo(out);
  return out.text;
}

test("what is due over parts follows from the fullest of them, which the index of the version knows", () => {
  expect(metricsOf({ rowCount: 26, maxDelta: 50 })).toContain('midx_upkeep_due{version="one",due="reassign"} 1');
  expect(metricsOf({ rowCount: 25, maxDelta: 50 })).not.toContain('due="reassign"} 1');
});
