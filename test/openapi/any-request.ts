import fc from "fast-check";
import { SERVED_DIM } from "../fixtures/served-index.ts";

export interface AnyBody {
  readonly vectorId?: unknown;
  readonly vector?: unknown;
  readonly vectors?: unknown;
}

/** A path with a body that is mostly valid, and wrong now and then. */
export function anyRequest(): fc.Arbitrary<[path: string, body: AnyBody]> {
  const mostly = <T>(right: fc.Arbitrary<T>, ...wrong: fc.Arbitrary<unknown>[]) =>
    fc.oneof({ arbitrary: right as fc.Arbitrary<unknown>, weight: 16 }, ...wrong, fc.jsonValue());
  const few = (fields: Record<string, fc.Arbitrary<unknown>>) =>
    fc
      .subarray(Object.keys(fields), { maxLength: 3 })
      .chain((names) =>
        fc.record(Object.fromEntries(names.map((name) => [name, fields[name] as fc.Arbitrary<unknown>]))),
      );
  const integer = (max: number) => mostly(fc.nat(max), fc.constantFrom(-1, 0.5, max + 1, 2 ** 31, 1e300, "7", true));
  const number = mostly(fc.double({ min: 0.001, max: 3, noNaN: true }), fc.constantFrom(0, -1, 2 ** 21, 1e-9, "1"));
  const value = fc.oneof(
    { arbitrary: fc.float({ min: -3, max: 3, noNaN: true }) as fc.Arbitrary<unknown>, weight: 200 },
    fc.constantFrom(1e300, -(2 ** 41), null, "1"),
  );
  const vector = mostly(
    fc.array(value, { minLength: SERVED_DIM, maxLength: SERVED_DIM }),
    fc.array(value, { maxLength: 6 }),
  );
  const id = fc.oneof(
    { arbitrary: fc.nat(59) as fc.Arbitrary<unknown>, weight: 20 },
    fc.constantFrom<unknown>(...["word 3", "word 99", -1, 0.5, 10000, null]),
  );
  const ids = mostly(fc.array(id, { maxLength: 4 }));
  const feature = fc.oneof(
    { arbitrary: fc.nat(11) as fc.Arbitrary<unknown>, weight: 20 },
    fc.constantFrom<unknown>(...["feature 3", "feature 99", 12]),
  );
  const bitmap = fc.oneof(
    { arbitrary: fc.uint8Array({ minLength: 8, maxLength: 8 }), weight: 9 },
    fc.uint8Array({ maxLength: 9 }),
  );
  const bits = bitmap.map((bytes) => ({ bitmap: Buffer.from(bytes).toString("base64") }));
  const allowed = fc.oneof({ arbitrary: ids, weight: 3 }, mostly(bits, fc.record({ bitmap: fc.constant("?") })));
  const features = mostly(fc.array(feature, { maxLength: 3 }), fc.array(fc.constantFrom(-1, 0.5, null)));
  const weights = mostly(fc.array(value, { maxLength: 3 }));
  const bag = fc.record({ features, weights, other: fc.constant(1) }, { requiredKeys: ["features"] });
  const bags = mostly(fc.array(fc.oneof({ arbitrary: fc.record({ features }), weight: 4 }, bag), { maxLength: 2 }));
  const bias = mostly(
    fc
      .array(
        fc.tuple(
          fc.oneof({ arbitrary: fc.nat(1), weight: 9 }, id),
          fc.oneof({ arbitrary: value, weight: 9 }, fc.constantFrom("-Infinity", "Infinity")),
        ),
        {
          maxLength: 2,
        },
      )
      .map((entries) => ({ ids: entries.map(([one]) => one), values: entries.map(([, added]) => added) })),
    fc.record({ ids, values: ids }, { requiredKeys: [] }),
  );
  const logitBias = mostly(
    fc.dictionary(
      fc.oneof(fc.nat(61).map(String), fc.constantFrom("word 3", "word 99")),
      fc.oneof({ arbitrary: value, weight: 9 }, fc.constant("-Infinity")),
      { maxKeys: 2 },
    ),
  );
  const changes = { history: ids, bias, repetitionPenalty: number, presencePenalty: number, frequencyPenalty: number };
  const seed = mostly(fc.maxSafeInteger(), fc.constantFrom("12", "-3", "1.5", "", 2 ** 53, 0.5));
  const scan = integer(64);
  const filter = fc.constantFrom<unknown>(
    ...[
      {},
      { price: { $lt: 0.5 } },
      { genre: "news", price: { $gt: -1, $lte: 1 } },
      { genre: { $in: ["news", null] } },
    ],
    ...[{ genre: 1 }, { colour: 1 }, { price: { $lt: 1, $lte: 2 } }, { price: { $near: 1 } }, { price: [1] }, null, 7],
  );
  const columns = { filter, namespace: fc.constantFrom<unknown>("a", "nobody", 1) };
  const own = { temperature: number, exclude: ids, allow: allowed, ...columns, ...changes };
  const each = (conditions: Record<string, fc.Arbitrary<unknown>>) =>
    mostly(fc.array(mostly(few(conditions)), { minLength: 1, maxLength: 3 }));
  const unknownLabels = mostly(fc.constantFrom("refuse", "skip"), fc.constant("ignore"));
  const common = { ...own, conditions: each(own), unknownLabels, seed, exact: mostly(fc.boolean()) };
  const penalties = { repetition_penalty: number, presence_penalty: number, frequency_penalty: number };
  const ownOfDecode = {
    ...{
      temperature: fc.oneof(number, fc.constant(0)),
      exclude: ids,
      allowed_token_ids: allowed,
      logit_bias: logitBias,
      ...columns,
    },
    ...{ history: ids, ...penalties },
  };
  const step = fc.constantFrom("temperature", "min_p", "top_k", "top_p");
  const decode = {
    ...ownOfDecode,
    ...{ conditions: each(ownOfDecode), top_k: integer(1000), top_p: number, min_p: number, target_error: number },
    order: mostly(
      fc.oneof(fc.uniqueArray(step, { minLength: 2 }), fc.array(step, { maxLength: 4 })),
      fc.array(fc.oneof(step, fc.constant("typical")), { maxLength: 5 }),
    ),
    ...{ certain: mostly(fc.boolean()), logprobs: integer(1000), unknown_labels: unknownLabels, seed },
  };
  const proposals = { proposal: fc.constantFrom("buckets", "codes", "pages") };
  const estimate = {
    ...common,
    scan: fc.oneof(scan, fc.constantFrom("auto", "all")),
    draws: integer(4096),
    targetError: number,
    ...proposals,
  };
  const share = mostly(fc.constantFrom(0, 0.3, 0.6, 1), fc.constantFrom(-0.5, 1.5, "1"));
  const some = (fields: Record<string, fc.Arbitrary<unknown>>) =>
    mostly(
      fc.record({ ...fields, other: fc.constant(1) }, { requiredKeys: [] }),
      fc.record(fields, { requiredKeys: [] }),
    );
  const diversity = fc.oneof(
    fc.record({ lambda: share, pool: integer(1000) }, { requiredKeys: [] }),
    some({ lambda: share }),
  );
  const popularity = fc.record({ share, power: number }, { requiredKeys: ["share"] });
  const mixture = fc.oneof(
    fc.record({ uniform: share, popularity }, { requiredKeys: [] }),
    some({ uniform: share, popularity: some({ power: number }) }),
  );
  const unknown = { other: fc.constant(1) };
  const request = (path: string, needed: Record<string, fc.Arbitrary<unknown>>, optional: typeof needed) => {
    const queries = fc.oneof(
      { arbitrary: fc.record({ vector }) as fc.Arbitrary<AnyBody>, weight: 8 },
      { arbitrary: fc.record({ vectors: mostly(fc.array(vector, { maxLength: 3 })) }), weight: 4 },
      {
        arbitrary: fc.record({ features, weights }, { requiredKeys: ["features"] }) as fc.Arbitrary<AnyBody>,
        weight: 4,
      },
      { arbitrary: fc.record({ bags }) as fc.Arbitrary<AnyBody>, weight: 2 },
      fc.record({ vector, vectors: fc.array(vector), features, weights }, { requiredKeys: [] }),
    );
    const own = fc.oneof({ arbitrary: fc.record(needed), weight: 9 }, fc.record(needed, { requiredKeys: [] }));
    return fc.tuple(queries, own, few(optional)).map((parts): [string, AnyBody] => [path, Object.assign({}, ...parts)]);
  };
  return fc.oneof(
    request("/v1/predict", {}, { k: integer(1000), ...estimate, diversity, ...unknown }),
    request("/v1/sample", { draws: integer(4096) }, { ...common, scan, ...proposals, mixture, ...unknown }),
    request("/v1/sample-top-k", { k: integer(1000) }, { ...common, scan, ...unknown }),
    request("/v1/log-partition", {}, { ...estimate, tolerance: number, ...unknown }),
    request("/v1/log-probability", { ids }, { ...estimate, ...unknown }),
    request("/v1/decode", {}, { ...decode, ...unknown, typical_p: fc.constant(0.9) }),
    request("/v1/slate-log-probability", { ids }, { ...common, scan, proposal: proposals.proposal, ...unknown }),
    request(
      "/v1/query",
      {},
      {
        topK: integer(1000),
        returnValues: fc.constantFrom<unknown>(false, true, null),
        returnMetadata: fc.constantFrom<unknown>("none", "all", "indexed", false, true),
        ...columns,
        exact: fc.boolean(),
      },
    ),
    fc
      .record({ vectorId: fc.constantFrom<unknown>("word 3", "7", "07", 7), topK: integer(1000) })
      .map((body): [string, AnyBody] => ["/v1/query", body]),
  );
}
