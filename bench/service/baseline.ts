// The baseline of the service's rate: a route that parses the same JSON and scores nothing.
import { Hono } from "hono/tiny";

const app = new Hono();

app.post("/v1/predict", async (c) => {
  const { vector } = await c.req.json<{ vector: number[] }>();
  return c.json({ count: vector.length });
});

export default app;
