import { median } from "../timing.ts";
import type { Worst } from "./result.ts";

const ROUNDS = 15;

/** Requests at the limits of bodies and of work, one at a time. */
export async function measureWorst(url: string, queries: readonly number[][], itemCount: number): Promise<Worst[]> {
  const dim = queries[0]?.length ?? 0;
  const [vector = []] = queries;
  const vectors = queries.slice(0, 100);
  const exactVectors = vectors.slice(0, Math.floor(1e8 / (itemCount * dim)));
  const long = `{"vectors": ${JSON.stringify(vectors.map((row) => row.map((value) => Number(value.toFixed(17)))))}}`;
  const padded = long + " ".repeat(4_194_304 - long.length);
  const asks: [name: string, path: string, body: string][] = [
    ["a body of 4 MiB, 100 vectors", "/v1/predict", padded],
    ["100 vectors, scan 4,096, draws 4,096", "/v1/predict", JSON.stringify({ vectors, scan: 4096, draws: 4096 })],
    [
      `${exactVectors.length} vectors, exact`,
      "/v1/predict",
      JSON.stringify({ vectors: exactVectors, k: 1000, exact: true }),
    ],
    ["100 vectors, k = 1,000", "/v1/predict", JSON.stringify({ vectors, k: 1000 })],
    ["10 vectors, 4,096 draws", "/v1/sample", JSON.stringify({ vectors: vectors.slice(0, 10), draws: 4096 })],
    ["exact draws, 4,096", "/v1/sample", JSON.stringify({ vector, draws: 4096, exact: true })],
    ["1,000 distinct exact draws", "/v1/sample-top", JSON.stringify({ vector, k: 1000, exact: true })],
    [
      "10,000 classes excluded",
      "/v1/predict",
      JSON.stringify({ vector, exclude: Array.from({ length: 10_000 }, (_, i) => 10 * i) }),
    ],
    ["another temperature", "/v1/predict", JSON.stringify({ vector, temperature: 0.5 })],
    ["tolerance 0", "/v1/logz", JSON.stringify({ vector, tolerance: 0 })],
  ];
  const found: Worst[] = [];
  for (const [name, path, body] of asks) {
    const times: number[] = [];
    let status = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const start = performance.now();
      const response = await fetch(url + path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
      await response.arrayBuffer();
      times.push(performance.now() - start);
      status = response.status;
    }
    found.push({ name: `${path}: ${name}`, status, bodyBytes: body.length, time: Number(median(times).toFixed(1)) });
  }
  return found;
}
