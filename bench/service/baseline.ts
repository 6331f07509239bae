// The baselines of the service's rate: routes that parse the same JSON and score nothing.
import { Hono } from "hono/tiny";

const RANKS = Array.from({ length: 10 }, (_, rank) => rank);

const app = new Hono();

app.post("/v1/predict", async (c) => {
  const { vector } = await c.req.json<{ vector: number[] }>();
  return c.json({ count: vector.length });
});

/** Answers with numbers of the request, as many and as long as those of a prediction. */
app.post("/v1/same-size", async (c) => {
  const { vector } = await c.req.json<{ vector: number[] }>();
  const value = (i: number): number => vector[i] ?? 0;
  return c.json({
    version: "000000000000",
    requestId: "00000000-0000-4000-8000-000000000000",
    ids: RANKS.map((rank) => 12_345 + rank),
    scores: RANKS.map(value),
    probabilities: RANKS.map((rank) => value(rank) / 3),
    exact: false,
    logPartition: value(10) / 3,
    standardError: value(11) / 3,
    effectiveSampleSize: value(12) / 3,
    modelError: value(13) / 3,
    calibrated: true,
    headShare: value(14) / 3,
    lowEss: false,
    scored: 1124,
    seed: "1234567890123456",
  });
});

export default app;
