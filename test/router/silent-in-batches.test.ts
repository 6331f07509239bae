import { expect, test } from "vitest";
import { ask } from "./in-process.ts";

import { fleet, PARTS, vector } from "./silent-fleet.ts";

test("a batch asks a part that was silent from the beginning once, and leaves the connections to the others", async () => {
  const { first, silence, alone } = fleet();
  silence(0);
  const { app } = alone();
  expect((await app.request("/readyz")).status).toBe(200);
  const before = first(0).requests;
  const vectors = Array.from({ length: 50 }, () => vector);
  const { status, answer } = await ask(app, "/v1/predict", { vectors, partial: "allow" });
  expect(status, answer.detail).toBe(200);
  expect(answer.results[0].coverage).toEqual({ parts: PARTS - 1, of: PARTS, classes: 1 - 1 / PARTS });
  expect(first(0).requests).toBe(before + 1);
});
