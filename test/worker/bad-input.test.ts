import { beforeAll, describe, expect, it } from "vitest";
import { jsonInit, libraryIndex, post, queryOf, send } from "./client.ts";

let dim = 0;
let lastId = 0;
let good: number[] = [];

beforeAll(async () => {
  const { info } = await libraryIndex();
  dim = info.dim;
  lastId = info.itemCount - 1;
  good = queryOf(dim, 1);
});

/** Replaces V in `text` by the good vector, D by the number of its values, and L by the id of the last class. */
function fill(text: string): string {
  return text.replaceAll("V", JSON.stringify(good)).replaceAll("D", String(dim)).replaceAll("L", String(lastId));
}

interface Bad {
  readonly path: string;
  /** JSON in which V stands for a good vector. */
  readonly body: string;
  /** The detail of the answer, in which D stands for the index's dim and L for its last id. */
  readonly detail: string;
  readonly code?: string;
  readonly status?: number;
}

const FROM_MODEL = ": vectors have to come from the model that the index was built for";
const JSON_OF_NOTHING = { code: "invalid_json", detail: "the body is not valid JSON" };

const CASES: readonly Bad[] = [
  { path: "/v1/predict", body: "", code: "invalid_json", detail: "the body is not valid JSON: it is empty" },
  { path: "/v1/predict", body: '{"vector":[1,', ...JSON_OF_NOTHING },
  {
    path: "/v1/predict",
    body: '{"vector":[NaN]}',
    code: "invalid_json",
    detail: "the body is not valid JSON, which has no NaN",
  },
  {
    path: "/v1/decode",
    body: '{"vector":V,"logit_bias":{"7":-Infinity}}',
    code: "invalid_json",
    detail: 'the body is not valid JSON, which has no -Infinity: write "-Infinity" in quotes to ban a class',
  },
  { path: "/v1/predict", body: "null", detail: "body expected a JSON object, got null" },
  { path: "/v1/predict", body: "17", detail: "body expected a JSON object, got 17" },
  { path: "/v1/predict", body: "[1]", detail: "body expected a JSON object, got an array" },
  {
    path: "/v1/predict",
    body: '{"vectors":[[1]],"conditions":[[]]}',
    detail: '"conditions" expected an object for each query, got an array',
  },
  { path: "/v1/predict", body: "{}", detail: 'body expected one of "vector", "vectors", "features", "bags", got none' },
  {
    path: "/v1/predict",
    body: '{"vector":V,"vectors":[V]}',
    detail: 'body expected one of "vector", "vectors", "features", "bags", got 2',
  },
  { path: "/v1/predict", body: '{"vector":V,"top_k":3}', detail: '"top_k" is not a field of this request' },
  ...["k", "nothing", "batch"].map((name) => ({
    path: `/v1/predict?${name}=3`,
    body: '{"vector":V}',
    detail: `"${name}" expected in the JSON of the body, got it in the query string`,
  })),
  { path: "/v1/predict", body: '{"vector":V,"__proto__":{}}', detail: '"__proto__" is not a field of this request' },
  { path: "/v1/predict", body: '{"vector":"abc"}', detail: '"vector" expected an array, got "abc"' },
  { path: "/v1/predict", body: '{"vector":null}', detail: '"vector" expected an array, got null' },
  { path: "/v1/predict", body: '{"vector":[]}', detail: `"vector" expected D values, got 0${FROM_MODEL}` },
  {
    path: "/v1/predict",
    body: '{"vector":[1,2]}',
    detail: `"vector" expected D values, got 2${FROM_MODEL}`,
  },
  { path: "/v1/predict", body: '{"vectors":{}}', detail: '"vectors" expected an array, got Object' },
  { path: "/v1/predict", body: '{"vectors":[]}', detail: '"vectors" expected 1 to 100 queries, got 0' },
  { path: "/v1/predict", body: '{"vectors":[V,7]}', detail: '"vectors[1]" expected an array, got 7' },
  { path: "/v1/predict", body: '{"vectors":[V,V,[1]]}', detail: `"vectors[2]" expected D values, got 1${FROM_MODEL}` },
  { path: "/v1/predict", body: '{"vector":V,"exact":1}', detail: '"exact" expected true or false, got 1' },
  {
    path: "/v1/predict",
    body: '{"vector":V,"exact":true,"scan":9}',
    detail: '"exact" expected no "scan" beside it, got scan: 9; leave one of them out',
  },
  {
    path: "/v1/log-partition",
    body: '{"vector":V,"targetError":0.1,"scan":9}',
    detail: '"targetError" expected scan: "auto" beside it, or no scan, got scan: 9',
  },
  { path: "/v1/predict", body: '{"vector":V,"k":-1}', detail: '"k" expected an integer from 0 to 1000, got -1' },
  { path: "/v1/predict", body: '{"vector":V,"k":1001}', detail: '"k" expected an integer from 0 to 1000, got 1001' },
  { path: "/v1/predict", body: '{"vector":V,"k":2.5}', detail: '"k" expected an integer from 0 to 1000, got 2.5' },
  { path: "/v1/predict", body: '{"vector":V,"k":"3"}', detail: '"k" expected an integer from 0 to 1000, got "3"' },
  { path: "/v1/predict", body: '{"vector":V,"k":null}', detail: '"k" expected an integer from 0 to 1000, got null' },
  {
    path: "/v1/predict",
    body: '{"vector":V,"k":1e999}',
    detail: '"k" expected an integer from 0 to 1000, got Infinity',
  },
  {
    path: "/v1/predict",
    body: '{"vector":V,"draws":4097}',
    detail: '"draws" expected an integer from 0 to 4096, got 4097',
  },
  {
    path: "/v1/predict",
    body: '{"vector":V,"scan":-2}',
    detail: '"scan" expected an integer from 0 to 2147483647 or "auto", got -2',
  },
  {
    path: "/v1/log-partition",
    body: '{"vector":V,"scan":"all"}',
    detail: '"scan" expected an integer from 0 to 2147483647 or "auto", got "all"',
  },
  {
    path: "/v1/sample",
    body: '{"vector":V,"draws":5,"scan":"auto"}',
    detail: '"scan" expected an integer from 0 to 2147483647, got "auto"',
  },
  {
    path: "/v1/predict",
    body: '{"vector":V,"seed":1.5}',
    detail: '"seed" expected an integer below 2^53 or a string of decimal digits, got 1.5',
  },
  {
    path: "/v1/predict",
    body: '{"vector":V,"seed":9007199254740993}',
    detail: '"seed" expected an integer below 2^53 or a string of decimal digits, got 9007199254740992',
  },
  {
    path: "/v1/predict",
    body: '{"vector":V,"seed":"0x1f"}',
    detail: '"seed" expected an integer below 2^53 or a string of decimal digits, got "0x1f"',
  },
  { path: "/v1/sample", body: '{"vector":V}', detail: '"draws" is required' },
  {
    path: "/v1/sample",
    body: '{"vector":V,"draws":5000}',
    detail: '"draws" expected an integer from 0 to 4096, got 5000',
  },
  { path: "/v1/sample", body: '{"vector":V,"draws":5,"k":3}', detail: '"k" is not a field of this request' },
  {
    path: "/v1/sample",
    body: '{"vector":V,"draws":5,"targetError":1}',
    detail: '"targetError" is not a field of this request',
  },
  { path: "/v1/sample-top-k", body: '{"vector":V}', detail: '"k" is required' },
  {
    path: "/v1/sample-top-k",
    body: '{"vector":V,"k":1001}',
    detail: '"k" expected an integer from 0 to 1000, got 1001',
  },
  { path: "/v1/sample-top-k", body: '{"vector":V,"k":3,"draws":5}', detail: '"draws" is not a field of this request' },
  { path: "/v1/log-probability", body: '{"vector":V}', detail: '"ids" is required' },
  { path: "/v1/log-probability", body: '{"vector":V,"ids":3}', detail: '"ids" expected an array, got 3' },
  {
    path: "/v1/log-probability",
    body: '{"vector":V,"ids":[1,-1]}',
    detail: '"ids[1]" expected an integer from 0 to L, got -1',
  },
  {
    path: "/v1/predict",
    body: '{"vector":V,"bias":{"ids":[1,2],"values":[1,null]}}',
    detail: `"bias.values[1]" expected a number of magnitude at most 2^40, or "-Infinity" to ban the class, got null`,
  },
  {
    path: "/v1/predict",
    body: '{"vector":V,"bias":{"ids":[1,9999999],"values":[1,1]}}',
    detail: '"bias.ids[1]" expected an integer from 0 to L, got 9999999',
  },
  {
    path: "/v1/sample",
    body: '{"vector":V,"draws":1,"bias":{"ids":[1,2],"values":[1]}}',
    detail: '"bias.values" expected 2 values, one for each of "ids", got 1',
  },
  {
    path: "/v1/predict",
    body: '{"vector":V,"bias":{"ids":[1,1],"values":[1,1]}}',
    detail: '"bias.ids[1]" expected every class once, got 1 again: add its biases up',
  },
  { path: "/v1/predict", body: '{"vector":V,"bias":{"ids":[1]}}', detail: '"bias.values" is required' },
  { path: "/v1/predict", body: '{"vector":V,"bias":{}}', detail: '"bias.ids" is required' },
  {
    path: "/v1/log-partition",
    body: '{"vector":V,"history":[1,-1],"presencePenalty":1}',
    detail: '"history[1]" expected an integer from 0 to L, got -1',
  },
  {
    path: "/v1/predict",
    body: '{"vector":V,"presencePenalty":1}',
    detail: '"presencePenalty" expected "history" beside it, the ids that were seen, and has no effect without it',
  },
  {
    path: "/v1/predict",
    body: '{"vector":V,"history":[1],"repetitionPenalty":0}',
    detail: '"repetitionPenalty" expected a number from 2^-20 to 2^20, got 0',
  },
  {
    path: "/v1/predict",
    body: '{"vectors":[V,V],"conditions":[{},{"history":[1,2.5]}]}',
    detail: '"conditions[1].history[1]" expected an integer from 0 to L, got 2.5',
  },
  {
    path: "/v1/predict",
    body: '{"vectors":[V,V],"conditions":[{},{"temperature":0}]}',
    detail: '"conditions[1].temperature" expected a number from 2^-20 to 2^20, got 0',
  },
  {
    path: "/v1/predict",
    body: '{"vectors":[V,V],"conditions":[{},null]}',
    detail: '"conditions[1]" expected an object, got null',
  },
  {
    path: "/v1/predict",
    body: '{"vectors":[V,V],"conditions":[{},{"k":1}]}',
    detail: '"conditions[1].k" is not a field of this request',
  },
  {
    path: "/v1/predict",
    body: '{"vectors":[V,V],"conditions":[{}]}',
    detail: '"conditions" expected 2 of them, one for each query, got 1',
  },
  {
    path: "/v1/predict",
    body: '{"vector":V,"conditions":[{}]}',
    detail: '"conditions" expected a batch of queries beside it, got one query',
  },
  {
    path: "/v1/predict",
    body: '{"vectors":[V],"exclude":[1],"conditions":[{}]}',
    detail: '"conditions" expected no "exclude" beside it, got exclude: an object; leave one of them out',
  },
  {
    path: "/v1/decode",
    body: '{"vector":V,"typical_p":0.9}',
    detail: '"typical_p" is not an option of decode: use "min_p" or "top_p"',
  },
  {
    path: "/v1/decode",
    body: '{"vector":V,"mirostat":2}',
    detail: '"mirostat" is not an option of decode: use "temperature" with "top_p"',
  },
  {
    path: "/v1/decode",
    body: '{"vector":V,"bad_words":["a"]}',
    detail:
      '"bad_words" is not an option of decode: use "exclude", which bans classes: the caller knows which one would complete a word',
  },
  {
    path: "/v1/decode",
    body: '{"vector":V,"topP":0.9}',
    detail: '"topP" is not an option of decode: it is called "top_p" here',
  },
  {
    path: "/v1/decode",
    body: '{"vectors":[V],"conditions":[{"repetitionPenalty":2}]}',
    detail: '"conditions[0].repetitionPenalty" is not an option of decode: it is called "repetition_penalty" here',
  },
  {
    path: "/v1/decode",
    body: '{"vector":V,"allow":[1]}',
    detail: '"allow" is not an option of decode: it is called "allowed_token_ids" here',
  },
  {
    path: "/v1/decode",
    body: '{"vector":V,"top_logprobs":5}',
    detail: '"top_logprobs" is not an option of decode: it is called "logprobs" here',
  },
  {
    path: "/v1/decode",
    body: '{"vector":V,"top_p":0}',
    detail: '"top_p" expected a number greater than 0, at most 1, got 0',
  },
  {
    path: "/v1/decode",
    body: '{"vector":V,"temperature":-1}',
    detail: '"temperature" expected 0 or a number from 2^-20 to 2^20, got -1',
  },
  {
    path: "/v1/decode",
    body: '{"vector":V,"logit_bias":{"7":"much"}}',
    detail: `"logit_bias.7" expected a number of magnitude at most 2^40, or "-Infinity" to ban the class, got "much"`,
  },
  {
    path: "/v1/decode",
    body: '{"vector":V,"logit_bias":{"the":1}}',
    detail: '"logit_bias.the" expected an integer from 0 to L, got string',
  },
  {
    path: "/v1/decode",
    body: '{"vector":V,"logit_bias":{"007":1}}',
    detail: '"logit_bias.007" expected an integer from 0 to L, got string',
  },
  {
    path: "/v1/decode",
    body: '{"vector":V,"top_p":0.9,"certain":true,"target_error":0.1}',
    detail: '"certain" expected no "target_error" beside it, got target_error: 0.1; leave one of them out',
  },
  {
    path: "/v1/decode",
    body: '{"vector":V,"top_k":3,"top_p":0.9,"target_error":0.1}',
    detail: '"target_error" expected "top_p" as the first truncation, got "top_k"; leave it out',
  },
  { path: "/v1/decode", body: '{"vector":V,"logit_bias":[1]}', detail: '"logit_bias" expected an object, got Array' },
  {
    path: "/v1/decode",
    body: '{"vector":V,"allowed_token_ids":[]}',
    detail:
      '"allowed_token_ids", "exclude", "filter", "namespace" and "logit_bias" expected to leave a class that the index has, got none',
  },
  {
    path: "/v1/decode",
    body: '{"vector":V,"repetition_penalty":2}',
    detail: '"repetition_penalty" expected "history" beside it, the ids that were seen, and has no effect without it',
  },
  {
    path: "/v1/decode",
    body: '{"vectors":[V],"conditions":[{"frequency_penalty":2}]}',
    detail:
      '"conditions[0].frequency_penalty" expected "history" beside it, the ids that were seen, and has no effect without it',
  },
  {
    path: "/v1/decode",
    body: '{"vector":V,"top_p":0.5,"order":["min_p"]}',
    detail: '"order" expected "top_p" in it, which is given, got [min_p]',
  },
  {
    path: "/v1/decode",
    body: '{"vector":V,"order":["min_p","typical"]}',
    detail: '"order[1]" expected temperature, min_p, top_k, top_p, got "typical"',
  },
  {
    path: "/v1/decode",
    body: '{"vector":V,"order":["min_p","min_p"]}',
    detail: '"order[1]" expected temperature, min_p, top_k, top_p, each of them once, got "min_p"',
  },
  { path: "/v1/predict", body: '{"vector":V,"diversity":1}', detail: '"diversity" expected an object, got 1' },
  {
    path: "/v1/predict",
    body: '{"vector":V,"diversity":{"lambda":2}}',
    detail: '"diversity.lambda" expected a number from 0 to 1, got 2',
  },
  {
    path: "/v1/predict",
    body: '{"vector":V,"diversity":{"pool":9}}',
    detail: '"diversity.pool" expected at least 10 (k), got 9',
  },
  {
    path: "/v1/predict",
    body: '{"vector":V,"diversity":{"lamda":1}}',
    detail: '"diversity.lamda" is not a field of this request',
  },
  {
    path: "/v1/sample",
    body: '{"vector":V,"draws":1,"mixture":{"popularity":{"power":1}}}',
    detail: '"mixture.popularity.share" is required',
  },
  {
    path: "/v1/sample",
    body: '{"vector":V,"draws":1,"mixture":{"uniform":null}}',
    detail: '"mixture.uniform" expected a number from 0 to 1, got null',
  },
  {
    path: "/v1/sample-top-k",
    body: '{"vector":V,"k":1,"mixture":{}}',
    detail: '"mixture" is not a field of this request',
  },
  {
    path: "/v1/slate-log-probability",
    body: '{"vector":V,"ids":[2,1,2]}',
    detail: '"ids[2]" expected a class that is not in the slate yet, got 2 as in [0]',
  },
  {
    path: "/v1/slate-log-probability",
    body: '{"vector":V,"ids":[1],"seed":1}',
    detail: '"seed" is not a field of this request',
  },
  { path: "/v1/predict", body: '{"vector":V,"tolerance":1}', detail: '"tolerance" is not a field of this request' },
  {
    path: "/v1/log-partition",
    body: '{"vector":V,"tolerance":-1}',
    detail: '"tolerance" expected a number of at least 0, got -1',
  },
  {
    path: "/v1/log-partition",
    body: '{"vector":V,"tolerance":null}',
    detail: '"tolerance" expected a number of at least 0, got null',
  },
  {
    path: "/v1/predict",
    body: '{"vector":V,"targetError":"5%"}',
    detail: '"targetError" expected a number of at least 0, got "5%"',
  },
  { path: "/v1/log-partition", body: '{"vector":V,"k":3}', detail: '"k" is not a field of this request' },
  { path: "/v1/log-partition", body: '{"vectors":[[]]}', detail: `"vectors[0]" expected D values, got 0${FROM_MODEL}` },
];

/** Fields that all of these endpoints take. */
const CONDITIONED = [
  ["/v1/predict", ""],
  ["/v1/log-partition", ""],
  ["/v1/log-probability", '"ids":[1],'],
  ["/v1/slate-log-probability", '"ids":[1],'],
  ["/v1/sample", '"draws":1,'],
  ["/v1/sample-top-k", '"k":1,'],
] as const;
const CONDITIONS = [
  ['"temperature":0', '"temperature" expected a number from 2^-20 to 2^20, got 0'],
  ['"temperature":-1', '"temperature" expected a number from 2^-20 to 2^20, got -1'],
  ['"temperature":1e999', '"temperature" expected a number from 2^-20 to 2^20, got Infinity'],
  ['"temperature":"1"', '"temperature" expected a number from 2^-20 to 2^20, got "1"'],
  ['"temperature":null', '"temperature" expected a number from 2^-20 to 2^20, got null'],
  ['"exclude":5', '"exclude" expected an array, got 5'],
  ['"allow":null', '"allow" expected an array, or {"bitmap": "<base64>"}, got null'],
  ['"allow":{"bitmap":[255]}', '"allow" expected an array, or {"bitmap": "<base64>"}, got Object'],
  ['"allow":{"bitmap":"AA==","ids":[1]}', '"allow" expected an array, or {"bitmap": "<base64>"}, got Object'],
  [
    '"allow":{"bitmap":"A_-="}',
    '"allow.bitmap" expected base64 of the bytes, with + and /, got other text: encode the bytes, not the ids',
  ],
  ['"exclude":[0,1.5]', '"exclude[1]" expected an integer from 0 to L, got 1.5'],
  ['"exclude":[0,1e999]', '"exclude[1]" expected an integer from 0 to L, got Infinity'],
  ['"exclude":[-1]', '"exclude[0]" expected an integer from 0 to L, got -1'],
  ['"exclude":[0,9999999]', '"exclude[1]" expected an integer from 0 to L, got 9999999'],
  ['"allow":["7"]', '"allow[0]" expected an integer from 0 to L, got string'],
  ['"allow":[1,{"toString":1}]', '"allow[1]" expected an integer from 0 to L, got object'],
  ['"allow":[1,null]', '"allow[1]" expected an integer from 0 to L, got null'],
] as const;

const NO_FIELD = "is not a field of this request";
/** Names of fields follow an unknown one: the nearest, or all. */
const withRemedy = (detail: string): RegExp =>
  new RegExp(`^${detail.replace(/[[\].]/g, "\\$&")}: (did you mean "\\w+"\\?|it takes \\w+(, \\w+)*)$`);

describe("a 400", () => {
  it.each([
    ["/v1/predict", '{"vectr":V}', '"vectr" is not a field of this request: did you mean "vector"?'],
    [
      "/v1/predict",
      '{"vector":V,"conditions":[{"temprature":1}]}',
      '"conditions[0].temprature" is not a field of this request: did you mean "temperature"?',
    ],
    [
      "/v1/predict",
      '{"vector":V,"diversity":{"mu":1}}',
      '"diversity.mu" is not a field of this request: it takes lambda, pool',
    ],
    ["/v1/decode", '{"vector":V,"top_x":1}', '"top_x" is not a field of this request: did you mean "top_k"?'],
  ])("from %s says for %s which field was meant", async (path, body, detail) => {
    expect(await (await post(path, fill(body))).json()).toMatchObject({ detail });
  });

  it.each(CASES)("$path $body: $detail", async ({ path, body, detail, code = "invalid_field" }) => {
    const response = await post(path, fill(body));
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toEqual({
      type: `urn:midx:problem:${code}`,
      title: expect.any(String),
      status: 400,
      detail: detail.endsWith(NO_FIELD) ? expect.stringMatching(withRemedy(fill(detail))) : fill(detail),
      code,
      requestId: response.headers.get("x-request-id"),
    });
    expect(response.status).toBe(400);
  });

  it.each(CONDITIONED)("from %s names the condition that is wrong", async (path, fields) => {
    for (const [condition, detail] of CONDITIONS) {
      const response = await post(path, fill(`{"vector":V,${fields}${condition}}`));
      expect(await response.json()).toMatchObject({ status: 400, code: "invalid_field", detail: fill(detail) });
    }
  });

  it("refuses the 10,001st id", async () => {
    const ids = Array.from({ length: 10_001 }, (_, i) => i % 10);
    for (const field of ["exclude", "allow"]) {
      const response = await post("/v1/log-partition", { vector: good, [field]: ids });
      expect(await response.json()).toMatchObject({ detail: `"${field}" expected at most 10000 ids, got 10001` });
      expect((await post("/v1/log-partition", { vector: good, [field]: ids.slice(1) })).status).toBe(200);
    }
    const response = await post("/v1/log-probability", { vector: good, ids });
    expect(await response.json()).toMatchObject({ detail: '"ids" expected at most 10000 ids, got 10001' });
  });

  it.each([
    ["null", "a finite number, got null"],
    ["true", "a finite number, got boolean"],
    ['"1"', "a finite number, got string"],
    ["[1]", "a finite number, got an array"],
    ["1e999", "a finite number, got Infinity"],
    ["-1e999", "a finite number, got -Infinity"],
    ["1e39", "a magnitude of at most 2^40, got 1e+39"],
    ["-1099511627777", "a magnitude of at most 2^40, got -1099511627777"],
  ])("names the position of %s in a vector", async (value, expected) => {
    const broken = JSON.stringify(good.with(3, 12345.5)).replace("12345.5", value);
    const single = await post("/v1/predict", `{"vector":${broken}}`);
    expect(await single.json()).toMatchObject({ status: 400, detail: `"vector[3]" expected ${expected}` });
    const batch = await post("/v1/log-partition", fill(`{"vectors":[V,${broken}]}`));
    expect(await batch.json()).toMatchObject({ status: 400, detail: `"vectors[1][3]" expected ${expected}` });
  });

  it("refuses the 101st vector of a batch", async () => {
    const response = await post("/v1/log-partition", { vectors: Array.from({ length: 101 }, () => good) });
    expect(await response.json()).toMatchObject({ detail: '"vectors" expected 1 to 100 queries, got 101' });
  });

  it("repeats no long value", async () => {
    const response = await post("/v1/predict", { vector: good, k: "x".repeat(5000), ["y".repeat(5000)]: 1 });
    expect((await response.text()).length).toBeLessThan(500);
  });
});

describe("the body limit", () => {
  it("is 128 KiB for one vector and 4 MiB for several", async () => {
    const spaces = " ".repeat(131072);
    expect((await post("/v1/log-partition", fill(`{"vectors":[V]${spaces}}`))).status).toBe(200);
    const single = await post("/v1/log-partition", fill(`{"vector":V${spaces}}`));
    expect(single.status).toBe(413);
    expect(await single.json()).toMatchObject({
      code: "body_too_large",
      detail: "body expected at most 131072 bytes beside a bitmap",
    });
    const batch = await post("/v1/log-partition", fill(`{"vectors":[V]${" ".repeat(4194304)}}`));
    expect(batch.status).toBe(413);
    expect(await batch.json()).toMatchObject({ code: "body_too_large", detail: "body expected at most 4194304 bytes" });
  });

  it("counts a body without Content-Length as it comes, and stops reading it", async () => {
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 65536;
        controller.enqueue(new Uint8Array(65536).fill(32));
      },
    });
    const response = await send("/v1/predict", { ...jsonInit(""), body: endless });
    expect(response.status).toBe(413);
    expect(sent).toBeLessThan(8_000_000);
  });
});

describe("other refusals", () => {
  it.each(["text/plain", "application/x-www-form-urlencoded", "application/problem+json", ""])(
    "answer 415 for the content type %j",
    async (contentType) => {
      const response = await send("/v1/predict", { ...jsonInit("{}"), headers: { "content-type": contentType } });
      expect(response.status).toBe(415);
      expect(await response.json()).toMatchObject({ code: "unsupported_media_type" });
    },
  );

  it("don't hit a content type with parameters or in capitals", async () => {
    const headers = { "content-type": "Application/JSON; charset=utf-8" };
    expect((await send("/v1/log-partition", { ...jsonInit({ vector: good }), headers })).status).toBe(200);
  });

  it("answer 400 for a body that is not UTF-8, however it arrives", async () => {
    const text = JSON.stringify({ vector: good, namespace: "caf\u00e9" });
    const latin1 = Uint8Array.from(text, (character) => character.charCodeAt(0));
    const headers = { "content-type": "application/json" };
    const stream = new Blob([latin1]).stream();
    for (const init of [
      { headers: { ...headers, "content-length": String(latin1.length) }, body: latin1 },
      { headers, body: stream },
    ]) {
      const response = await send("/v1/predict", { method: "POST", ...init });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ code: "invalid_json", detail: expect.stringContaining("UTF-8") });
    }
    const utf8 = await send("/v1/predict", jsonInit({ vector: good, namespace: "caf\u00e9" }));
    expect(await utf8.json()).toMatchObject({ code: "invalid_field" }); // this index has no namespaces
  });

  it.each(["/v1", "/v1/predict/more", "/v1/unknown"])("answer 404 for %s", async (path) => {
    const response = await send(path);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      code: "not_found",
      detail: `${path} is not a route in openapi.json of midx`,
    });
  });

  it.each([
    ["GET", "/v1/predict", "POST"],
    ["GET", "/v1/predict/", "POST"],
    ["DELETE", "/v1/sample", "POST"],
    ["PUT", "/v1/log-partition", "POST"],
    ["GET", "/v1/log-probability", "POST"],
    ["GET", "/v1/sample-top-k", "POST"],
    ["POST", "/v1/info", "GET, HEAD"],
    ["POST", "/readyz", "GET, HEAD"],
  ])("answer 405 for %s %s and allow %s", async (method, path, allow) => {
    const response = await send(path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe(allow);
    expect(await response.json()).toMatchObject({ code: "method_not_allowed", status: 405 });
  });
});
