import { afterAll, beforeAll, expect, test } from "vitest";
import { type Example, withStandIns } from "./with-stand-ins.ts";

/** Loads that end when the test ends them. */
const LOADS = `export const loads = [];
export const load = () => new Promise((resolve, reject) => loads.push({ resolve, reject }));`;

let example: Example;
beforeAll(async () => {
  example = await withStandIns("examples/worker/index.ts", {
    midx: LOADS,
    "../next-word/words.txt": 'export default "the\\nof";',
    "../next-word/next-word.midx": "export default undefined;",
  });
});
afterAll(() => example?.remove());

test("a Worker of one's own loads its index once for all requests of a cold start, and again after a failure", async () => {
  const { default: worker, loads } = example.exports;
  const ask = (): Promise<Response> =>
    worker.fetch(new Request("https://words.test", { method: "POST", body: "[1, 2]" }));
  const failing = [ask(), ask()];
  expect(loads).toHaveLength(1);
  loads[0].reject(new Error("no memory"));
  for (const { status } of await Promise.allSettled(failing)) expect(status).toBe("rejected");
  const answers = [ask(), ask()];
  expect(loads).toHaveLength(2);
  loads[1].resolve({ predict: () => ({ ids: [1], probabilities: [0.5] }) });
  answers.push(ask());
  for (const answer of answers) expect(await (await answer).json()).toEqual([{ word: "of", probability: 0.5 }]);
  expect(loads).toHaveLength(2);
});
