import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CATEGORIES, GOES_WITH, ITEMS, itemOf } from "../../examples/shop/catalogue.ts";
import { sessionsOf } from "../../examples/shop/sessions.ts";
import { Visit } from "../../page/shop/visit.ts";
import { measureRecall } from "../../scripts/demo/shop/recall.ts";
import { type Client, createClient } from "../../worker/client.ts";
import { DIM, learned, shopService } from "./shop-service.ts";

const [session] = learned as [string[]];

describe("the made-up shop", () => {
  test("has sessions that follow from their seed", () => {
    const bytes = JSON.stringify(sessionsOf(200, 1));
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(
      "e311db7301e1585d6d9b361260104f746aaf758b46243b1ba93cabf9b9ef5be0",
    );
    expect(sessionsOf(20, 2)).not.toEqual(sessionsOf(20, 1));
  });

  test("has one item for each name, and categories that go with others", () => {
    expect(ITEMS).toHaveLength(14 * 8 * 6 * 5);
    expect(new Set(ITEMS.map(({ name }) => name)).size).toBe(ITEMS.length);
    expect(new Set(CATEGORIES.flatMap((category) => GOES_WITH[category])).size).toBe(CATEGORIES.length);
  });

  test("has sessions by the process of its README", () => {
    const sessions = sessionsOf(2000, 3).map((names) => names.map(itemOf));
    let [kept, moved, sameStyle, sameColour, pairs] = [0, 0, 0, 0, 0];
    for (const session of sessions) {
      expect(session.length).toBeGreaterThanOrEqual(4);
      expect(session.length).toBeLessThanOrEqual(25);
      expect(new Set(session).size).toBe(session.length);
      for (const [i, after] of session.slice(1).entries()) {
        const before = session[i] as (typeof session)[number];
        pairs++;
        if (before.category === after.category) kept++;
        else if (GOES_WITH[before.category].some((category) => category === after.category)) moved++;
        if (before.style === after.style) sameStyle++;
        if (before.colour === after.colour) sameColour++;
      }
    }
    // An item that has been clicked already is not clicked again, and the next attempt drifts once more: so the shares are a
    // little lower than without it.
    expect(kept / pairs).toBeGreaterThan(0.45);
    expect(kept / pairs).toBeLessThan(0.52);
    expect((kept + moved) / pairs).toBeGreaterThan(0.95);
    // Both clicks by taste and no drift, or by chance: 0.88 × (0.85 + 0.15 / 8)² is 0.66, with 6 colours 0.92 × 0.875² is 0.70.
    expect(sameStyle / pairs).toBeGreaterThan(0.6);
    expect(sameStyle / pairs).toBeLessThan(0.72);
    expect(sameColour / pairs).toBeGreaterThan(0.65);
    expect(sameColour / pairs).toBeLessThan(0.78);
  });
});

describe("a visit of the shop", () => {
  let shop: Awaited<ReturnType<typeof shopService>>;
  beforeAll(async () => {
    shop = await shopService(1);
  });
  afterAll(() => shop?.index.dispose());

  test("begins with the items that have the largest biases", async () => {
    const { ids } = shop.index.predict(new Float32Array(DIM), 5, { seed: 1 });
    const found = await new Visit(shop.client, DIM).recommend(5);
    expect(found.map(({ name }) => name)).toEqual(shop.index.labels(ids));
  });

  test("recommends as for the whole sequence, without what was clicked", async () => {
    const visit = new Visit(shop.client, DIM);
    const [first, second, third] = session.slice(0, 3) as [string, string, string];
    for (const name of [first, second, second, third]) await visit.click(name);
    expect(visit.clicked).toEqual([first, second, third]);
    expect(Buffer.from(visit.kept, "base64")).toHaveLength(4 * DIM);
    const sequence = [first, second, third];
    const whole = await shop.client.predict({ sequence }, { k: 6, exclude: sequence, seed: 1 });
    const found = await visit.recommend(6);
    expect(found.map(({ name }) => name)).toEqual(whole.labels);
    expect(found.map(({ probability }) => probability)).toEqual(whole.probabilities);
  });

  test("recommends items of a category alone", async () => {
    const visit = new Visit(shop.client, DIM);
    await visit.click(session[0] as string);
    const found = await visit.recommend(6, "lamp");
    expect(found.map(({ name }) => itemOf(name).category)).toEqual(Array(6).fill("lamp"));
  });

  test("goes on where another index is served, which reads all that was clicked", async () => {
    let served = shop;
    const client = createClient("https://shop.invalid", {
      fetch: async (...request) => served.app.request(...request),
    });
    const visit = new Visit(client, DIM);
    const [first, second] = session as [string, string];
    await visit.click(first);
    served = await shopService(2);
    try {
      await visit.click(second);
      const anew = new Visit(served.client, DIM);
      for (const name of [first, second]) await anew.click(name);
      expect(await visit.recommend(6)).toEqual(await anew.recommend(6));
    } finally {
      served.index.dispose();
    }
  });

  test("keeps what it had when a click fails", async () => {
    const visit = new Visit(shop.client, DIM);
    await visit.click(session[0] as string);
    const before = await visit.recommend(3);
    await expect(visit.click("a gnome")).rejects.toThrow("a gnome");
    expect(visit.clicked).toHaveLength(1);
    expect(await visit.recommend(3)).toEqual(before);
  });
});

test("the recall of the demo counts what was not clicked before, and fills up by popularity", async () => {
  const recommended: Readonly<Record<string, readonly string[]>> = {
    // "a" and "b" were clicked, so that "n" is the tenth and "o" the eleventh.
    "a b": [..."abcdefghijkno"],
    "b a": ["c"],
  };
  const predict = async (queries: readonly { sequence: readonly string[] }[]) => ({
    results: queries.map(({ sequence }) => ({ labels: recommended[sequence.join(" ")] })),
  });
  const client = { predict } as unknown as Client;
  const sessions = [
    ["a", "b", "n"],
    ["a", "b", "o"],
    ["b", "a", "x"],
    ["b", "a", "c"],
  ];
  // "c" is the tenth, and the eleventh after the one item that follows "a".
  const popular = ["p", "q", "r", "s", "t", "u", "v", "w", "y", "c"].flatMap((name) => [name, name, name, name]);
  const learnedSessions = [["a", "x"], ["b", "n"], ["b", "n"], ["b", "o"], popular];
  const recall = await measureRecall(client, learnedSessions, sessions);
  expect(recall).toEqual({ sessions: 4, service: 2 / 4, counts: 3 / 4, popularity: 1 / 4 });
});
