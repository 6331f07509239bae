import { describe, expect, test } from "vitest";
import { collectGarbage } from "../fixtures/collect-garbage.ts";
import { ask } from "./in-process.ts";
import { fleet, PARTS, pause, vector } from "./silent-fleet.ts";

// At the same time, because nearly all of their time is that of waiting for silent hosts.
describe.concurrent("silent hosts", () => {
  test.each([
    ["begins", true],
    ["has begun", false],
  ])("the second replica answers for a first one that is silent when the router %s", async (_, isBefore) => {
    const { silence, replicated } = fleet();
    if (isBefore) silence(1);
    const { app, metrics } = replicated();
    expect((await app.request("/readyz")).status).toBe(200);
    silence(1);
    const { status, answer } = await ask(app, "/v1/predict", { vector });
    expect(status, answer.detail).toBe(200);
    expect(metrics.of([1]).hedges).toBeGreaterThan(0);
  });

  test("second replicas answer where silent ones take all connections", async () => {
    const { silence, replicated } = fleet();
    const { app, metrics } = replicated();
    for (let i = 0; i < 25; i++) expect((await ask(app, "/v1/predict", { vector })).status).toBe(200);
    for (let part = 0; part < 6; part++) silence(part);
    const before = metrics.of([0]).failures;
    const { status, answer } = await ask(app, "/v1/predict", { vector });
    expect(status, answer.detail).toBe(200);
    expect(metrics.of([0]).failures).toBe(before + 1);
  });

  test("silent parts leave time for those that wait for a connection", async () => {
    const { silence, alone } = fleet();
    const { app } = alone();
    expect((await ask(app, "/v1/predict", { vector })).status).toBe(200);
    for (let part = 0; part < 6; part++) silence(part);
    // Node forgets the signal of a request that nothing refers to any more, and no silent part would be given up.
    setTimeout(collectGarbage, 1000);
    const { status, answer } = await ask(app, "/v1/predict", { vector, partial: "allow" });
    expect(status, answer.detail).toBe(200);
    expect(answer.coverage).toEqual({ parts: 2, of: PARTS, classes: 2 / PARTS });
  });

  test("parts that are slow are waited for as long as nobody needs their connections", async () => {
    const { first, alone } = fleet();
    const { app } = alone();
    expect((await ask(app, "/v1/predict", { vector })).status).toBe(200);
    first(7).fault = async (request, behind) => pause(4500).then(() => behind.fetch(request));
    const { status, answer } = await ask(app, "/v1/predict", { vector });
    expect(status, answer.detail).toBe(200);
  });
});
