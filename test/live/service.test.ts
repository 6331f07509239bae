import { beforeEach, describe, expect, test } from "vitest";
import { catalogue, digestOf, Isolate, labelOf, published, rowOf, type Shelf, WRITER } from "./live-service.ts";
import { MemoryLog } from "./log/memory-log.ts";

const file = catalogue();
let shelf: Shelf;
let log: MemoryLog;
let isolate: Isolate;
beforeEach(async () => {
  shelf = { current: published(await file, "first") };
  log = new MemoryLog();
  isolate = new Isolate(shelf, log);
});

/** The best class for a row that was given, which is then its own by far. */
async function best(from: Isolate, seed: number, fields: object = {}) {
  const vector = rowOf(seed).map((value) => 10 * value);
  return from.send("/v1/predict", { vector, k: 100, exact: true, ...fields });
}

const upsert = (labels: readonly string[], seed = 500) => ({ labels, rows: labels.map((_, i) => rowOf(seed + i)) });

test("what was written is read, by its number", async () => {
  const written = await isolate.send("/v1/upsert", upsert(["new"]));
  expect([written.status, written.body]).toEqual([200, { mutationId: "1", sequence: 1 }]);
  expect(written.headers.get("x-mutation")).toBe("1");
  const { body, headers } = await best(isolate, 500, { minMutation: 1 });
  expect(body.labels).toContain("new");
  expect([body.mutation, headers.get("x-mutation")]).toEqual([1, "1"]);
  const removed = await isolate.send("/v1/delete", { labels: ["new", labelOf(3), "nobody"] });
  expect(removed.body).toEqual({ mutationId: "2", sequence: 2 });
  const after = await best(isolate, 500, { minMutation: "2" });
  expect(after.body.labels).not.toContain("new");
  expect(after.body.labels).not.toContain(labelOf(3));
  expect(after.body.labels).toHaveLength(39);
  const info = await isolate.send("/v1/info");
  expect(info.body).toMatchObject({ version: "first", mutation: 2, changes: { sequence: 2, classCount: 39 } });
});

test("every endpoint takes minMutation, by field or by header", async () => {
  await isolate.send("/v1/upsert", upsert(["new"]));
  const vector = rowOf(1);
  const asks: Record<string, object> = {
    "/v1/predict": { vector },
    "/v1/log-partition": { vector },
    "/v1/log-probability": { vector, ids: ["new"] },
    "/v1/sample": { vector, draws: 3 },
    "/v1/sample-top-k": { vector, k: 3 },
    "/v1/decode": { vector, top_k: 3 },
    "/v1/slate-log-probability": { vector, ids: ["new"] },
    "/v1/query": { vector },
  };
  for (const [path, fields] of Object.entries(asks)) {
    for (const [body, headers] of [
      [{ ...fields, minMutation: 1 }, {}],
      [fields, { "x-min-mutation": "1" }],
    ] as const) {
      const { status, headers: answered, body: answer } = await isolate.send(path, body, headers);
      expect([path, status, answered.get("x-mutation")], JSON.stringify(answer)).toEqual([path, 200, "1"]);
    }
    for (const [body, headers, name] of [
      [{ ...fields, minMutation: 2 }, {}, "minMutation"],
      [fields, { "x-min-mutation": "2" }, "x-min-mutation"],
      [{ ...fields, minMutation: 1 }, { "x-min-mutation": "2" }, "x-min-mutation"],
      [{ ...fields, minMutation: 2 }, { "x-min-mutation": "1" }, "minMutation"],
    ] as const) {
      const beyond = await isolate.send(path, body, headers);
      const told = beyond.body.detail ?? beyond.body.errors[0].message;
      expect([path, beyond.status, told]).toEqual([
        ...[path, 400],
        expect.stringContaining(`"${name}" expected at most 1, the last mutation of the log, got 2`),
      ]);
    }
  }
  for (const minMutation of [-1, 1.5, "x", null]) {
    expect((await isolate.send("/v1/predict", { vector, minMutation })).status).toBe(400);
  }
  expect((await isolate.send("/v1/info", undefined, { "x-min-mutation": "x" })).status).toBe(400);
});

describe("keys", () => {
  test("the same call is the same mutation, and another body is refused", async () => {
    const headers = { "idempotency-key": "call 1".replace(" ", "-") };
    const answers = [];
    for (let i = 0; i < 3; i++) answers.push(await isolate.send("/v1/upsert", upsert(["new"]), headers));
    expect(answers.map(({ body }) => body.sequence)).toEqual([1, 1, 1]);
    const other = await isolate.send("/v1/upsert", upsert(["other"]), headers);
    expect([other.status, other.body.code]).toEqual([422, "idempotency_conflict"]);
    const fresh = await isolate.send("/v1/upsert", upsert(["other"]));
    expect(fresh.body.sequence).toBe(2);
    const bad = await isolate.send("/v1/upsert", upsert(["new"]), { "idempotency-key": "a b" });
    expect([bad.status, bad.body.detail]).toEqual([400, expect.stringContaining('"idempotency-key" expected')]);
  });

  test("find the same call, even if its changes would be refused now", async () => {
    isolate = new Isolate(shelf, log, { maxDelta: 2 });
    const headers = { "idempotency-key": "k" };
    const send = (body: object, own = {}) => isolate.send("/v1/upsert", body, own);
    expect((await send(upsert(["a", "b"]), headers)).body.sequence).toBe(1);
    await isolate.send("/v1/delete", { labels: ["a"] });
    await isolate.settled(); // it has seen the removal, so there is room
    expect((await send(upsert([labelOf(0)]))).body.sequence).toBe(3);
    await isolate.settled();
    expect((await send(upsert(["a", "b"]))).status).toBe(507);
    const again = await send(upsert(["a", "b"]), headers);
    expect([again.status, again.body.sequence, again.headers.get("x-mutation")]).toEqual([200, 1, "1"]);
    expect((await send(upsert(["a", "c"]), headers)).status).toBe(422);
    expect((await send(upsert(["a", "c"]), { "idempotency-key": "other" })).status).toBe(507);
    expect((await send({ ...upsert(["a", "b"]), biases: [1, 2] }, headers)).status).toBe(422);
    expect((await send({ labels: ["a"], rows: [[1]] }, headers)).body.detail).toContain('"rows[0]" expected');
    expect(log.head).toBe(3);
  });

  test("of two writers are two keys", async () => {
    const tokens = ["one", "two"];
    isolate = new Isolate(shelf, log, { writeTokens: tokens.map(digestOf) });
    const sequences = [];
    for (const token of [...tokens, ...tokens]) {
      const headers = { "idempotency-key": "k", authorization: `Bearer ${token}` };
      sequences.push((await isolate.send("/v1/delete", { labels: [token] }, headers)).body.sequence);
    }
    expect(sequences).toEqual([1, 2, 1, 2]);
  });
});

describe("rights", () => {
  test("nobody may write without write tokens, even where reading is open", async () => {
    isolate = new Isolate(shelf, log, { isClosed: true });
    for (const path of ["/v1/upsert", "/v1/delete"]) {
      for (const authorization of ["", `Bearer ${WRITER}`]) {
        const refused = await isolate.send(path, "{", { authorization });
        expect([refused.status, refused.body.code]).toEqual([403, "writes_closed"]);
      }
    }
    expect((await isolate.send("/v1/predict", { vector: rowOf(1) })).status).toBe(200);
  });

  test("a page of another origin may send what a write and a read of it need", async () => {
    isolate = new Isolate(shelf, log, { origins: ["https://shop.example"] });
    const headers = { origin: "https://shop.example", "access-control-request-method": "POST" };
    const preflight = await isolate.app.request("/v1/upsert", { method: "OPTIONS", headers });
    const allowed = preflight.headers.get("access-control-allow-headers")?.split(",");
    expect(allowed).toEqual(expect.arrayContaining(["authorization", "idempotency-key", "x-min-mutation"]));
    const written = await isolate.send("/v1/upsert", upsert(["new"]), headers);
    expect(written.headers.get("access-control-expose-headers")?.split(",")).toContain("x-mutation");
  });

  test("reading and writing are two rights", async () => {
    isolate = new Isolate(shelf, log, { tokens: [digestOf("reader")] });
    const send = async (token: string | undefined, path: string, body: object) =>
      (await isolate.send(path, body, { authorization: token === undefined ? "" : `Bearer ${token}` })).status;
    const ask = { vector: rowOf(1) };
    expect(await send("reader", "/v1/predict", ask)).toBe(200);
    expect(await send(WRITER, "/v1/predict", ask)).toBe(401);
    expect(await send("reader", "/v1/delete", { labels: ["a"] })).toBe(401);
    expect(await send(undefined, "/v1/delete", { labels: ["a"] })).toBe(401);
    expect(await send(WRITER, "/v1/delete", { labels: ["a"] })).toBe(200);
  });
});

describe("bad input is a 400 that names the element, and nothing is applied", () => {
  const good = upsert(["a", "b"]);
  const row = rowOf(1);
  const cases: readonly (readonly [string, string, object, string])[] = [
    ["no labels", "/v1/upsert", { rows: [] }, '"labels" is required'],
    ["none", "/v1/upsert", { labels: [], rows: [] }, '"labels" expected 1 to 1000 of them, got 0'],
    ["too many", "/v1/delete", { labels: Array(1001).fill("a") }, '"labels" expected 1 to 1000 of them, got 1001'],
    ["a number", "/v1/upsert", { ...good, labels: ["a", 7] }, '"labels[1]" expected a string, got 7'],
    [
      "a long label",
      "/v1/upsert",
      { ...good, labels: ["a", "é".repeat(513)] },
      '"labels[1]" expected a label of at most 1024',
    ],
    ["half a character", "/v1/delete", { labels: ["a", "\ud800"] }, '"labels[1]" expected Unicode text'],
    ["a row too short", "/v1/upsert", { ...good, rows: [row, [1]] }, '"rows[1]" expected 4 values, got 1'],
    ["a row missing", "/v1/upsert", { ...good, rows: [row] }, '"rows" expected 2 of them'],
    ["no row", "/v1/upsert", { ...good, rows: [row, "x"] }, '"rows[1]" expected an array, got string'],
    [
      "a null",
      "/v1/upsert",
      { ...good, rows: [row, [1, null, 2, 3]] },
      '"rows[1][1]" expected a finite number, got null',
    ],
    [
      "a row beyond all",
      "/v1/upsert",
      { ...good, rows: [row, [900, 0, 0, 0]] },
      '"rows[1]" expected a norm of at most',
    ],
    [
      "biases of an index without",
      "/v1/upsert",
      { ...good, biases: [1, 2] },
      '"biases" expected an index built with "bias"',
    ],
    [
      "metadata that are none",
      "/v1/upsert",
      { ...good, metadata: [{}, 3] },
      '"metadata[1]" expected an object or null',
    ],
    [
      "metadata of 11 KB",
      "/v1/upsert",
      { ...good, metadata: [null, { a: "x".repeat(11_000) }] },
      '"metadata[1]" expected at most 10240',
    ],
    [
      "metadata of a thousand levels",
      "/v1/upsert",
      { ...good, metadata: [null, JSON.parse(`{"a":${"[".repeat(1000)}${"]".repeat(1000)}}`)] },
      '"metadata[1]" expected at most 64 levels',
    ],
    ["a reserved name", "/v1/upsert", { ...good, metadata: [{ $a: 1 }, null] }, '"metadata[0]" expected names'],
    ["an unknown field", "/v1/upsert", { ...good, vectors: [] }, '"vectors" is not a field of this request'],
    ["a field of the other", "/v1/delete", { ids: ["a"] }, '"labels" is required'],
  ];

  test.each(cases)("%s", async (_, path, body, message) => {
    const { status, body: answer } = await isolate.send(path, body);
    expect([status, answer.code, answer.detail]).toEqual([400, "invalid_field", expect.stringContaining(message)]);
    expect(log.head).toBe(0);
  });

  test("raw vectors and other bodies", async () => {
    for (const path of ["/v1/upsert", "/v1/upsert?labels=[1]&rows=[1]", "/v1/delete"]) {
      const raw = await isolate.send(path, "x", { "content-type": "application/x-midx-f32" });
      expect([raw.status, raw.body.detail]).toEqual([400, "body expected a JSON object, got raw vectors"]);
    }
    expect((await isolate.send("/v1/upsert", "{")).body.code).toBe("invalid_json");
    const large = await isolate.send("/v1/delete", { labels: ["x".repeat(17_000_000)] });
    expect([large.status, log.head]).toEqual([413, 0]);
  });

  test("integers in metadata that a double does not hold, by name, and no others", async () => {
    const body = (metadata: string) =>
      `{"labels":["a","b"],"rows":${JSON.stringify([rowOf(1), rowOf(2)])},"metadata":${metadata}}`;
    for (const [metadata, place] of [
      ['[{"id":9007199254740993},null]', "metadata[0].id"],
      ['[null,{"of":[1,{"x":-9007199254740993}]}]', "metadata[1].of[1].x"],
      ['[null,{"of":[ 18446744073709551615 ]}]', "metadata[1].of[0]"],
    ]) {
      const { status, body: answer } = await isolate.send("/v1/upsert", body(metadata as string));
      expect([status, answer.code]).toEqual([400, "invalid_field"]);
      expect(answer.detail).toMatch(
        /^"([^"]+)" expected a number that a double holds, got -?\d{16,}: give it as a string$/,
      );
      expect(answer.detail).toContain(`"${place}"`);
    }
    const doubles = [2 ** 53, 2 ** 63, 1e20, 1e300, -1e18, 1_700_000_000_123_456_800, 0.1234567890123456];
    const kept = JSON.stringify([{ doubles, text: "9007199254740993", point: 9007199254740.992 }, null]);
    expect((await isolate.send("/v1/upsert", body(kept))).status).toBe(200);
    const told =
      '[{"id":9007199254740992,"of":"\\\\\\"\\\\\\", 9007199254740993, 1","as":["9007199254740993",1]},null]';
    expect((await isolate.send("/v1/upsert", body(told))).status).toBe(200);
    const behind = '[{"of":"\\\\","id": 9007199254740993},null]';
    expect((await isolate.send("/v1/upsert", body(behind))).status).toBe(400);
    expect(
      (await isolate.send("/v1/upsert", body('[{"id":9223372036854775808,"x":12345678901234567.0},null]'))).status,
    ).toBe(200);
  });

  test("integers in filters that a double does not hold, which would find another class", async () => {
    const [own, vector] = ['{"sku":{"$in":[1,9007199254740993]}}', JSON.stringify(rowOf(1))];
    const refused = "expected a number that a double holds, got 9007199254740993: give it as a string";
    for (const [path, body, place] of [
      ["/v1/predict", `{"vector":${vector},"filter":${own}}`, "filter.sku.$in[1]"],
      ["/v1/predict", `{"vectors":[${vector}],"conditions":[{"filter":${own}}]}`, "conditions[0].filter.sku.$in[1]"],
      ["/v1/query", `{"vector":${vector},"filter":{"sku":9007199254740993}}`, "filter.sku"],
    ] as const) {
      const { status, body: answer } = await isolate.send(path, body);
      expect(status).toBe(400);
      expect(answer.detail ?? answer.errors[0].message).toContain(`"${place}" ${refused}`);
    }
    const raw = new Blob([Float32Array.from(rowOf(1))]);
    const search = `/v1/predict?filter=${encodeURIComponent(own)}`;
    const { status, body } = await isolate.send(search, raw, { "content-type": "application/x-midx-f32" });
    expect([status, body.detail]).toEqual([400, `"filter.sku.$in[1]" ${refused}`]);
    const double = await isolate.send("/v1/predict", { vector: rowOf(1), filter: { sku: { $lt: 1e20 } } });
    expect(double.body.detail).toContain("an index built with columns");
  });

  test("integers in lines of Vectorize that a double does not hold", async () => {
    const line = (id: string) =>
      `{"id":"${id}","values":${JSON.stringify(rowOf(1))},"metadata":{"sku":9007199254740993}}`;
    const path = "/client/v4/accounts/a/vectorize/v2/indexes/i/upsert";
    const text = `{"id":"first","values":${JSON.stringify(rowOf(1))}}\n${line("second")}`;
    const { status, body } = await isolate.send(path, text, { "content-type": "application/x-ndjson" });
    expect([status, body.errors[0].message]).toEqual([
      400,
      expect.stringContaining(
        '"vectors[1].metadata.sku" expected a number that a double holds, got 9007199254740993: give it',
      ),
    ]);
    expect(log.head).toBe(0);
  });

  test("numbers in metadata that no double holds, which a log would keep as null", async () => {
    const body = (metadata: string) => JSON.stringify({ ...good, metadata: [null, "M"] }).replace('"M"', metadata);
    for (const metadata of ['{"price":1e400}', '{"a":[{"price":-1e400}]}']) {
      const { status, body: answer } = await isolate.send("/v1/upsert", body(metadata));
      expect([status, answer.detail]).toEqual([400, expect.stringMatching(/^"metadata\[1\]" .*Infinity.*"price"/)]);
    }
    expect(log.head).toBe(0);
    expect((await isolate.send("/v1/upsert", body('{"price":1e300}'))).status).toBe(200);
  });

  test("bytes that are not UTF-8, which would make one label of two", async () => {
    const latin1 = (text: string) => new Blob([Uint8Array.from(text, (character) => character.charCodeAt(0))]);
    const vectorize = "/client/v4/accounts/a/vectorize/v2/indexes/i/upsert";
    const line = JSON.stringify({ id: "caf\u00e9", values: row });
    const form = `--b\r\ncontent-disposition: form-data; name="vectors"; filename="v"\r\n\r\n${line}\r\n--b--\r\n`;
    const requests = [
      ["/v1/upsert", JSON.stringify({ labels: ["caf\u00e9"], rows: [row] }), "application/json"],
      ["/v1/delete", JSON.stringify({ labels: ["caf\u00e9"] }), "application/json"],
      [vectorize, line, "application/x-ndjson"],
      [vectorize, form, "multipart/form-data; boundary=b"],
    ] as const;
    for (const [path, text, type] of requests) {
      const { status, body: answer } = await isolate.send(path, latin1(text), { "content-type": type });
      expect([path, status, JSON.stringify(answer)]).toEqual([path, 400, expect.stringContaining("not valid UTF-8")]);
    }
    expect(log.head).toBe(0);
    for (const [path, text, type] of requests) {
      expect((await isolate.send(path, new Blob([text]), { "content-type": type })).status).toBe(200);
    }
  });

  test("lines of Vectorize by their number in the body, and compressed ones", async () => {
    const path = "/client/v4/accounts/a/vectorize/v2/indexes/i/upsert";
    const lines = `${JSON.stringify({ id: "a", values: row })}\n\n{`;
    const type = { "content-type": "application/x-ndjson" };
    expect((await isolate.send(path, lines, type)).body.errors[0].message).toContain("line 3 of the body");
    const packed = await isolate.send(path, lines, { ...type, "content-encoding": "gzip" });
    expect([packed.status, packed.body.errors[0].message]).toEqual([
      415,
      expect.stringContaining("content-encoding expected none, got gzip"),
    ]);
    expect(log.head).toBe(0);
  });

  test.each([
    ["/v1/upsert", "application/json"],
    ["/v1/delete", "application/json"],
    ["/v1/query", "application/json"],
    ["/v1/predict", "application/json or application/x-midx-f32"],
    ["/client/v4/accounts/a/vectorize/v2/indexes/i/get_by_ids", "application/json"],
    ["/client/v4/accounts/a/vectorize/v2/indexes/i/delete_by_ids", "application/json"],
    ["/client/v4/accounts/a/vectorize/v2/indexes/i/insert", "application/x-ndjson or multipart/form-data"],
  ])("another content type, and names those that %s takes", async (path, expected) => {
    const { status, body: answer } = await isolate.send(path, "{}", { "content-type": "text/plain" });
    const detail: string = answer.detail ?? answer.errors[0].message;
    expect([status, detail]).toEqual([
      415,
      expect.stringMatching(`^content-type expected ${expected}, got text/plain`),
    ]);
  });

  test("an index with biases wants one for each", async () => {
    shelf.current = published(await catalogue({ hasBias: true }), "biased");
    const without = await isolate.send("/v1/upsert", good);
    expect(without.body.detail).toContain('"biases" expected 2 values, since the index has biases, got none');
    const huge = await isolate.send("/v1/upsert", { ...good, biases: [0, 1e9] });
    expect(huge.body.detail).toMatch(
      /^"biases\[1\]" expected a magnitude of at most .*, got .*: build a new index with it$/,
    );
    expect((await isolate.send("/v1/upsert", { ...good, biases: [0, 1] })).body).toEqual({
      mutationId: "1",
      sequence: 1,
    });
  });

  test("an index without labels takes the next id", async () => {
    shelf.current = published(await catalogue({ hasLabels: false }), "plain");
    expect((await isolate.send("/v1/upsert", upsert(["new"]))).body.detail).toContain('"40" for the next one');
    expect((await isolate.send("/v1/upsert", upsert(["40", "7"]))).status).toBe(200);
    await isolate.send("/v1/delete", { labels: ["3"] });
    const { body } = await best(isolate, 500, { minMutation: 2 });
    expect(body.ids).toHaveLength(40);
    expect(body.ids).toContain(40);
    expect(body.ids).not.toContain(3);
  });
});
