import { expect, test } from "vitest";
import { PART_CHANGES_PATH, PART_PATH } from "../../worker/parts/protocol.ts";
import { Gate } from "../../worker/router/gate.ts";
import { PartClient } from "../../worker/router/part-client.ts";
import { MetricsByPart } from "../../worker/router/part-metrics.ts";

test.each([
  [PART_PATH, "it answered 404 not_found: no such route"],
  [PART_CHANGES_PATH, "its host takes no changes: start it with --max-delta"],
])("a host without the route %s is told about by what lacks", async (path, expected) => {
  const parts = { numbers: [0], place: 0, generation: "0".repeat(64), replicas: 1 };
  const host = {
    fetch: async () => Response.json({ code: "not_found", detail: "no such route" }, { status: 404 }),
  };
  const client = new PartClient(parts, () => [host], new MetricsByPart().of([0]));
  const asking = { deadlineMs: 60_000, hedgeMs: 5, gate: new Gate(1) };
  await expect(client.ask({ path }, asking, async () => undefined)).rejects.toThrow(expected);
});
