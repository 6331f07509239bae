// Conditions that differ from call to call, in units of a predict without conditions (npx node bench/conditions.ts, after
// `npm run build:kernels`). The kinds of calls take turns in one process, so only ratios are printed. 100,000 classes, or
// the number given as an argument.
import { haveTokens, tokensHead } from "./heads.ts";
import { build, load } from "./library.ts";
import { medianTimes } from "./timing.ts";

const ROUNDS = 12;
/** So many that most calls of a burst find the rows of their sets in the cache of the third level. */
const BURST = 64;
/** Sets of classes that calls take in turn, as bitmaps and as ids: too many for their rows to stay in the cache of the second level. */
const SETS = 17;
/** The truncations of decode that a grammar's bitmaps are combined with. */
const CHAINS = {
  greedy: { temperature: 0 },
  "minP .05": { minP: 0.05 },
  "topP .9": { topP: 0.9 },
  "no truncation": {},
};
const [itemCount = 100_000] = process.argv.slice(2).map(Number);

/** Classes spread over all, others for every call. They are made ahead, so that calls alone are timed. */
function spread(count: number): (call: number) => Int32Array {
  const sets = Array.from({ length: 61 }, (_, set) =>
    Int32Array.from({ length: count }, (_, i) => (i * 7919 + set * 104_729) % itemCount),
  );
  return (call) => sets[call % sets.length] as Int32Array;
}

/** Returns the classes for which `holds` is true, as bitmaps: different ones for every call. */
function bitmaps(holds: (id: number, set: number) => boolean): (call: number) => Uint8Array {
  const sets = Array.from({ length: SETS }, (_, set) => {
    const bitmap = new Uint8Array(Math.ceil(itemCount / 8));
    for (let id = 0; id < itemCount; id++) {
      if (holds(id, set)) bitmap[id >> 3] = (bitmap[id >> 3] as number) | (1 << (id & 7));
    }
    return bitmap;
  });
  return (call) => sets[call % sets.length] as Uint8Array;
}

if (haveTokens()) {
  const { data, dim, bias, queries } = tokensHead("tokens", itemCount);
  const scattered = (id: number): number => Math.imul(id, 0x9e3779b1) >>> 0;
  const columns = {
    category: { type: "string", values: Array.from({ length: itemCount }, (_, id) => `category ${scattered(id) % 2}`) },
    price: { type: "number", values: Float64Array.from({ length: itemCount }, (_, id) => scattered(id) % 10_007) },
  } as const;
  const file = await build({ data, shape: [itemCount, dim] }, { bias, seed: 1, calibrate: "off", columns });
  const index = await load(file, { maxScan: itemCount });
  const query = (call: number): Float32Array => {
    const at = (call % (queries.length / dim)) * dim;
    return queries.subarray(at, at + dim);
  };
  const history = spread(2000 + BURST)(0);
  const [fifty, thousands, seen] = [spread(50), spread(5000), spread(2000)];
  const halfOf = (id: number, set: number): boolean => (Math.imul(id + set * 7919, 0x9e3779b1) & 0x10000) !== 0;
  const halves = bitmaps(halfOf);
  const most = bitmaps((id, set) => (id + set * 31) % Math.ceil(itemCount / 50) !== 0);
  const oneOf = (count: number) => (id: number, set: number) => scattered(id + set * 7919) % count === 0;
  const [tenths, hundredths] = [bitmaps(oneOf(10)), bitmaps(oneOf(100))];
  const idsOf = (holds: (id: number, set: number) => boolean): ((call: number) => Int32Array) => {
    const sets = Array.from({ length: SETS }, (_, set) =>
      Int32Array.from({ length: itemCount }, (_id, id) => id).filter((id) => holds(id, set)),
    );
    return (call) => sets[call % sets.length] as Int32Array;
  };
  const [halfIds, tenthIds, hundredthIds] = [idsOf(halfOf), idsOf(oneOf(10)), idsOf(oneOf(100))];
  const penalised = (count: number, call: number) =>
    index.predict(query(call), 10, {
      history: history.subarray(0, count),
      repetitionPenalty: 1.1,
      frequencyPenalty: 0.2,
      seed: call,
    });
  /** What users have seen: the best classes for five other queries, others for every call. */
  const seenBest = (count: number): ((call: number) => Int32Array) => {
    const sets = Array.from({ length: 61 }, (_, set) => {
      const found = new Set<number>();
      for (let i = 0; found.size < count; i++) {
        for (const id of index.topK(query(set * 13 + i * 7), Math.ceil(count / 5), { exact: true }).ids) found.add(id);
      }
      return Int32Array.from(found).subarray(0, count);
    });
    return (call) => sets[call % sets.length] as Int32Array;
  };
  const bestOfOthers = Object.fromEntries(
    [32, 127, 128, 500].map((count) => {
      const exclude = seenBest(count);
      const name = `the ${count} best for other queries excluded, others in each call`;
      return [name, (call: number) => index.predict(query(call), 10, { exclude: exclude(call), seed: call })];
    }),
  );
  const values = (count: number, call: number): Float32Array => new Float32Array(count).fill(call % 3);
  const plain = (call: number) => index.predict(query(call), 10, { seed: call });
  const decodings = (part: string, bitmapOf: (call: number) => Uint8Array) =>
    Object.fromEntries(
      Object.entries(CHAINS).map(([chain, options]) => [
        `decode, ${chain}: a bitmap of ${part} of the classes, others in each call`,
        (call: number) => index.decode(query(call), { ...options, allow: { bitmap: bitmapOf(call) }, seed: call }),
      ]),
    );
  const exactly = (temperature: number) => (call: number) =>
    index.predict(query(call), 10, { exact: true, temperature, seed: call });
  const kinds: Record<string, (call: number) => unknown> = {
    "500 excluded, always the same": (call) =>
      index.predict(query(call), 10, { exclude: history.subarray(0, 500), seed: call }),
    "500 excluded, one more in each call": (call) =>
      index.predict(query(call), 10, { exclude: history.subarray(0, 500 + (call % BURST)), seed: call }),
    ...bestOfOthers,
    "allow 50, others in each call": (call) => index.predict(query(call), 10, { allow: fifty(call), seed: call }),
    "allow 50, after a call without": (call) => {
      plain(call);
      return index.predict(query(call), 10, { allow: fifty(call), seed: call });
    },
    "allow 5,000, others in each call": (call) =>
      index.predict(query(call), 10, { allow: thousands(call), seed: call }),
    "four temperatures in turn": (call) =>
      index.predict(query(call), 10, { temperature: [0.6, 0.8, 1, 1.3][call % 4] as number, seed: call }),
    "a temperature of .3, always the same": (call) => index.predict(query(call), 10, { temperature: 0.3, seed: call }),
    "a temperature of .1, always the same": (call) => index.predict(query(call), 10, { temperature: 0.1, seed: call }),
    "a temperature never seen": (call) =>
      index.predict(query(call), 10, { temperature: 0.5 + ((call * 0.618) % 1), seed: call }),
    "a bitmap of half of the classes, others in each call": (call) =>
      index.predict(query(call), 10, { allow: { bitmap: halves(call) }, seed: call }),
    "a bitmap of all but 50 classes, others in each call": (call) =>
      index.predict(query(call), 10, { allow: { bitmap: most(call) }, seed: call }),
    "a bitmap of a tenth of the classes, others in each call": (call) =>
      index.predict(query(call), 10, { allow: { bitmap: tenths(call) }, seed: call }),
    "the scores of a tenth of the classes": (call) => index.score(query(call), tenthIds(call)),
    "a bitmap of a hundredth of the classes, others in each call": (call) =>
      index.predict(query(call), 10, { allow: { bitmap: hundredths(call) }, seed: call }),
    "the scores of a hundredth of the classes": (call) => index.score(query(call), hundredthIds(call)),
    "a filter of two columns that half of the classes pass, others in each call": (call) =>
      index.predict(query(call), 10, { filter: { category: "category 1", price: { $gte: call / 1000 } }, seed: call }),
    "the same filter again": (call) =>
      index.predict(query(call), 10, { filter: { category: "category 0", price: { $gte: 1 } }, seed: call }),
    "a filter that leaves out ten values, others in each call": (call) =>
      index.predict(query(call), 10, {
        filter: { price: { $nin: Array.from({ length: 10 }, (_, i) => (7 * call + 37 * i) % 10_007) } },
        seed: call,
      }),
    "three filters of half of the classes in turn": (call) =>
      index.predict(query(call), 10, { filter: { price: { $gte: 3 * (call % 3), $lt: 5000 } }, seed: call }),
    "a filter that 1 % of the classes pass, others in each call": (call) =>
      index.predict(query(call), 10, {
        filter: { price: { $gte: 10 * (call % 900), $lt: 10 * (call % 900) + 100 } },
        seed: call,
      }),
    ...decodings("half", halves),
    ...decodings("a tenth", tenths),
    "the scores of half of the classes": (call) => index.score(query(call), halfIds(call)),
    "penalties for 500 classes seen, one more in each call": (call) => penalised(500 + (call % BURST), call),
    "penalties for 2,000 classes seen, one more in each call": (call) => penalised(2000 + (call % BURST), call),
    "penalties for 2,000 classes seen, others in each call": (call) =>
      index.predict(query(call), 10, { history: seen(call), presencePenalty: 0.5, seed: call }),
    "bias of 2,000 classes, other values in each call": (call) =>
      index.predict(query(call), 10, {
        bias: { ids: history.subarray(0, 2000), values: values(2000, call) },
        seed: call,
      }),
    exact: exactly(1),
    "exact, two temperatures in turn": (call) => exactly(call % 2 ? 0.7 : 1.3)(call),
    "exact, 500 excluded, one more in each call": (call) =>
      index.predict(query(call), 10, { exact: true, exclude: history.subarray(0, 500 + (call % BURST)), seed: call }),
  };
  const times = medianTimes(ROUNDS, BURST, { "no condition": plain, ...kinds });
  const unit = times["no condition"] as number;
  console.log(`${itemCount} classes; a predict without conditions takes ${unit.toFixed(0)} µs here`);
  for (const [kind, time] of Object.entries(times)) console.log(`${(time / unit).toFixed(2).padStart(7)} × ${kind}`);
}
