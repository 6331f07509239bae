import { describe, expect, test } from "vitest";
import { COUNT, type Files, IDS, logLine, shop, userOf, valueFrom } from "./shop.ts";

const items = await shop(1, "rq");

describe("draws are joined with their rewards and queries", () => {
  const { index } = items;
  const vector = [...userOf(1)];
  const logQ = index.logQ(userOf(1), IDS, { scan: 8 });
  const logOf = (requestId: string, ids: number[], more: object = {}): string =>
    logLine(
      requestId,
      ids,
      ids.map((id) => logQ[id] as number),
      more,
    );
  const queriesOf = (...requestIds: string[]): string[] =>
    requestIds.map((requestId) => JSON.stringify({ requestId, vector }));
  const reward = (requestId: string, id: number, value: number, more: object = {}): string =>
    JSON.stringify({ requestId, id, reward: value, ...more });
  const itself = { policy: "sample", scan: 8 } as const;

  test('a draw without a reward has reward 0; with missing "none" it is left out, as is a request without any reward', async () => {
    const files = {
      logs: [logOf("x", [1, 2]), logOf("y", [3])],
      rewards: [reward("x", 1, 6)],
      queries: queriesOf("x", "y"),
    };
    const zero = await valueFrom(files, index, itself);
    expect(zero).toMatchObject({ ips: { mean: 1.5 }, requests: 2, loggedRequests: 2, draws: 3 });
    const none = await valueFrom(files, index, itself, { missing: "none" });
    expect(none).toMatchObject({ ips: { mean: 6 }, requests: 1, loggedRequests: 2, draws: 1 });
    const another = { ...files, rewards: [reward("z", 1, 6)], queries: queriesOf("x", "y") };
    const nothing = valueFrom(another, index, itself, { missing: "none" });
    await expect(nothing).rejects.toThrow("no draw has a query and a reward");
  });

  test("a file of rewards that has none is refused: it may have been cut off", async () => {
    const files = { logs: [logOf("x", [1])], rewards: [], queries: queriesOf("x") };
    const message = "expected lines with rewards, got none: if nothing was earned, list a reward of 0";
    await expect(valueFrom(files, index, itself)).rejects.toThrow(message);
    const zero = await valueFrom({ ...files, rewards: [reward("x", 1, 0)] }, index, itself);
    expect(zero).toMatchObject({ ips: { mean: 0 }, draws: 1 });
  });

  test("rewards that are all of other requests or classes are a mistake, and not a value of 0", async () => {
    const files = { logs: [logOf("x", [1, 2])], queries: queriesOf("x") };
    for (const rewards of [[reward("X", 1, 6)], [reward("x", 3, 6)]]) {
      await expect(valueFrom({ ...files, rewards }, index, itself)).rejects.toThrow("no reward is of a draw");
    }
    const ofOthers = { ...files, rewards: [reward("y", 1, 6)] };
    expect(await valueFrom(ofOthers, index, itself, { version: "a" })).toMatchObject({ unusedRewards: 1 });
  });

  test("a request counts once, whatever its rows and draws, and a class drawn twice counts twice", async () => {
    const files = {
      logs: [logOf("x", [1, 1, 2, 3]), logOf("x", [1], { row: 1 }), logOf("y", [2])],
      rewards: [reward("x", 1, 4), reward("x", 1, 8, { row: 1 }), reward("y", 2, 1)],
      queries: [...queriesOf("x", "y"), JSON.stringify({ requestId: "x", row: 1, vector })],
    };
    const { logged, requests, draws } = await valueFrom(files, index, itself);
    expect({ requests, draws }).toEqual({ requests: 2, draws: 6 });
    expect(logged.mean).toBe(((2 + 8) / 2 + 1) / 2);
    expect(logged.standardError).toBe(2);
  });

  test("requests without a query are counted; other lines and repeated lines are skipped", async () => {
    const logs = ["[wrangler] POST /v1/sample 200", logOf("x", [1]), "{}", logOf("x", [1]), "", logOf("z", [1])];
    const files = { logs, rewards: [reward("x", 1, 2), reward("w", 1, 2)], queries: queriesOf("x") };
    const value = await valueFrom(files, index, itself);
    expect(value).toMatchObject({ requests: 1, loggedRequests: 2, draws: 1, unusedRewards: 1, logged: { mean: 2 } });
  });

  test("a line that a pipeline delivers again in other words is a repeated one", async () => {
    const line = logOf("x", [1]);
    const { event, ...others } = JSON.parse(line);
    const again = [JSON.stringify({ ...others, event }), JSON.stringify({ ...JSON.parse(line), deliveredAt: 5 })];
    const spaced = JSON.stringify(JSON.parse(line), null, 1).replaceAll("\n", "");
    const files = { logs: [line, ...again, spaced], rewards: [reward("x", 1, 2)], queries: queriesOf("x") };
    expect(await valueFrom(files, index, itself)).toMatchObject({ requests: 1, draws: 1 });
  });

  test("versions are evaluated apart, and a clip limits weights", async () => {
    const files = {
      logs: [logOf("x", [1]), logOf("y", [1], { version: "b" })],
      rewards: [reward("x", 1, 2), reward("y", 1, 4)],
      queries: queriesOf("x", "y"),
    };
    expect((await valueFrom(files, index, itself)).versions).toEqual(["a", "b"]);
    await expect(valueFrom(files, index, itself, { version: "c" })).rejects.toThrow("nothing was drawn by version c");
    expect((await valueFrom(files, index, itself, { version: "b" })).logged.mean).toBe(4);
    const clipped = await valueFrom(files, index, itself, { clip: 0.5 });
    expect(clipped.ips.mean).toBe(1.5);
    expect(clipped.largest.weight).toBe(1); // before the clip, which it judges
  });

  test("classes are matched by label if both sides have labels, and a class that the candidate lacks has probability 0", async () => {
    const label = (id: number): string => `item ${id}`;
    const turned = await shop(
      1,
      "rq",
      IDS.map((id) => label(COUNT - 1 - id)),
    );
    const weightOf = async (labels: string[]): Promise<number> => {
      const files = {
        logs: [logOf("x", [5, 6], { labels })],
        rewards: [JSON.stringify({ requestId: "x", label: labels[0], reward: 1 })],
        queries: queriesOf("x"),
      };
      return 2 * (await valueFrom(files, turned.index, itself)).ips.mean;
    };
    const other = logQ[COUNT - 1 - 5] as number;
    expect(await weightOf([label(5), label(6)])).toBeCloseTo(Math.exp(other - (logQ[5] as number)), 12);
    expect(await weightOf(["gone", label(6)])).toBe(0);
    await expect(weightOf(["gone", "lost"])).rejects.toThrow("never draws any of the classes");
  });

  test.each([
    ["ids of the candidate", (id: number) => ({ ids: [COUNT - 1 - id] })],
    ["labels", (id: number) => ({ ids: [id], labels: [`item ${id}`] })],
  ])("a right prediction leaves no error to weigh, where the log has other ids: %s", async (_, classOf) => {
    const labels = IDS.map((id) => `item ${COUNT - 1 - id}`);
    const turned = await shop(1, "rq", labels);
    const files = {
      logs: [logOf("x", [5], { labels: ["item 5"] })],
      rewards: [reward("x", 5, 2)],
      queries: queriesOf("x"),
      predictions: [JSON.stringify({ requestId: "x", ...classOf(5), rewards: [2] })],
    };
    const value = await valueFrom(files, turned.index);
    const [log] = turned.index.logProbability(userOf(1), [COUNT - 1 - 5], { exact: true }).logProbabilities;
    expect(value.doublyRobust?.mean).toBeCloseTo(2 * Math.exp(log as number), 12);
  });

  test("predictions that are all of other requests are a mistake, and no predictions for drawn classes alone", async () => {
    const predictions = [JSON.stringify({ requestId: "X", ids: [1, 2, 3], rewards: [1, 1, 1] })];
    const files = { logs: [logOf("x", [1])], rewards: [reward("x", 1, 1)], queries: queriesOf("x"), predictions };
    await expect(valueFrom(files, index)).rejects.toThrow(
      'no prediction is of a request: "requestId" and "row" have to be those of the logs',
    );
    const { predictsDrawsAlone } = await valueFrom(files, index, { policy: "softmax" }, { version: "a" });
    expect(predictsDrawsAlone).toBeUndefined();
  });

  test("a value that is too large for the index is named by file, line and place", async () => {
    const queries = [JSON.stringify({ requestId: "x", vector: [...vector.slice(1), 1e39] })];
    const files = { logs: [logOf("x", [1])], rewards: [reward("x", 1, 1)], queries };
    await expect(valueFrom(files, index)).rejects.toThrow('q:1: "query"[5] expected a finite number');
  });

  const prediction = (ids: number[], rewards: number[]): string => JSON.stringify({ requestId: "x", ids, rewards });
  const good: Files = {
    logs: [logOf("x", [1, 2])],
    rewards: [reward("x", 1, 1)],
    queries: queriesOf("x"),
    predictions: [prediction([1], [0.5])],
  };
  test.each<[fault: string, file: keyof Files, line: string, message: string]>([
    ["a log line cut off", "logs", logOf("y", [1]).slice(0, -9), 'l:2: expected JSON, got "{"event":"draws"'],
    ["no id of the request", "logs", logOf("", [1]), 'l:2: "requestId" expected a text, got ""'],
    ["a row below 0", "logs", logOf("y", [1], { row: -1 }), 'l:2: "row" expected an integer from 0, got -1'],
    ["other draws of a request", "logs", logOf("x", [3]), `l:2: "requestId" expected draws that line 1 doesn't have`],
    ["no ids", "logs", logOf("y", [1], { ids: 4 }), 'l:2: "ids" expected an array of an id, got 4'],
    ["an id below 0", "logs", logOf("y", [1, -2]), 'l:2: "ids[1]" expected an id, got -2'],
    ["log Q of null", "logs", logLine("y", [1], [Number.NaN]), 'l:2: "logQ[0]" expected the log of a probability'],
    [
      "a positive log Q",
      "logs",
      logLine("y", [1], [0.5]),
      'l:2: "logQ[0]" expected the log of a probability from e^-300 on, got 0.5',
    ],
    [
      "a log Q that is not drawn",
      "logs",
      logLine("y", [1], [-800]),
      'l:2: "logQ[0]" expected the log of a probability',
    ],
    ["too few log Q", "logs", logLine("y", [1, 2], [-1]), 'l:2: "logQ" expected 2 values, one an id, got 1'],
    ["too many labels", "logs", logOf("y", [1], { labels: ["a", "b"] }), 'l:2: "labels" expected 1 values, one an id'],
    ["no version", "logs", logOf("y", [1], { version: undefined }), 'l:2: "version" expected a text, got nothing'],
    [
      "a reward of a text",
      "rewards",
      '{"requestId":"x","id":2,"reward":"1"}',
      'r:2: "reward" expected a number, got "1"',
    ],
    ["no reward", "rewards", '{"requestId":"x","id":2}', 'r:2: "reward" expected a number, got nothing'],
    ["no class", "rewards", '{"requestId":"x","reward":2}', 'r:2: "id" expected an id, or a "label" instead'],
    ["half a class", "rewards", reward("x", 1.5, 1), 'r:2: "id" expected an integer from 0, got 1.5'],
    ["a reward again", "rewards", reward("x", 1, 1), 'r:2: "requestId" expected a class that line 1 gives no reward'],
    ["no object", "rewards", "[1]", "r:2: expected an object, got [1]"],
    ["a short vector", "queries", '{"requestId":"y","vector":[1]}', 'q:2: "vector" expected 6 numbers, got 1'],
    ["a hole in it", "queries", '{"requestId":"y","vector":[1,null]}', 'q:2: "vector[1]" expected a number, got null'],
    [
      "a query again",
      "queries",
      queriesOf("x")[0] as string,
      'q:2: "requestId" expected a request and row that no line',
    ],
    [
      "a prediction again",
      "predictions",
      prediction([1], [2]),
      'p:2: "requestId" expected a request and row that no line',
    ],
    [
      "too few predictions",
      "predictions",
      JSON.stringify({ requestId: "y", ids: [1, 2], rewards: [1] }),
      'p:2: "rewards" expected 2 values, one an id, got 1',
    ],
    [
      "predictions of one class twice",
      "predictions",
      JSON.stringify({ requestId: "y", ids: [1, 1], rewards: [1, 2] }),
      'p:2: "ids" expected classes that differ, got [1,1]',
    ],
    [
      "predictions of one label twice",
      "predictions",
      JSON.stringify({ requestId: "y", ids: [1, 2], labels: ["a", "a"], rewards: [1, 2] }),
      'p:2: "labels" expected classes that differ, got ["a","a"]',
    ],
    [
      "an excluded class that is none",
      "queries",
      JSON.stringify({ requestId: "y", vector, exclude: [COUNT] }),
      'q:2: "exclude[0]" expected an id below 40, got 40',
    ],
  ])("%s is named by file, line and field", async (_, file, line, message) => {
    await expect(valueFrom({ ...good, [file]: [...(good[file] ?? []), line] }, index)).rejects.toThrow(message);
  });

  test("an unknown class, a log without draws and draws without queries are errors that name them", async () => {
    const far = { ...good, logs: [logLine("x", [COUNT], [-1])] };
    await expect(valueFrom(far, index)).rejects.toThrow(
      'l:1: "ids[0]" expected a class of the candidate, below 40, got 40',
    );
    const empty = { ...good, logs: ["POST /v1/sample 200", "{}"] };
    await expect(valueFrom(empty, index)).rejects.toThrow(
      'l: expected lines of {"event":"draws",…}, got none in 2 lines',
    );
    await expect(valueFrom({ ...good, queries: [] }, index)).rejects.toThrow(
      'no draw has a query: "requestId" and "row" of these have to be those of the logs',
    );
  });
});
