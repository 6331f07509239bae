/** A mistake that someone could make, as a change of one place of the sources. */
export interface Fault {
  readonly name: string;
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** The suites that are to catch it; default node. */
  readonly project?: "node" | "workers";
}

/** Statistical faults: each leaves answers that look right. */
export const FAULTS: readonly Fault[] = [
  {
    name: "the bucket behind the one that was drawn",
    file: "assembly/tail.ts",
    find: "(quad << 2) + min(lane, 3)",
    replace: "(quad << 2) + min(lane + 1, 3)",
  },
  {
    name: "a mean over the draws without the division by their number",
    file: "assembly/search.ts",
    find: "s.tailMean = count > 0 ? sum / <f64>count : s.tailMass;",
    replace: "s.tailMean = count > 0 ? sum : s.tailMass;",
  },
  {
    name: "log Q without the second codebook",
    file: "assembly/tail.ts",
    find: "+ <f64>load<f32>(l.subScores2 + (<usize>(code & (l.codewordCount - 1)) << 2));",
    replace: "+ 0;",
  },
  {
    name: "a query truncated to fixed point instead of rounded",
    file: "assembly/query.ts",
    find: "<i16>nearest(<f64>load<f32>(l.query + (i << 2)) * scale)",
    replace: "<i16>(<f64>load<f32>(l.query + (i << 2)) * scale)",
  },
  {
    name: "uniform numbers of 24 bits that can be 1",
    file: "assembly/random.ts",
    find: "return <f64>(load<u64>(numbers) >> 11) * 1.1102230246251565e-16;",
    replace: "return <f64>(<f32>load<u32>(numbers) * 2.3283064365386963e-10) * 1.0001;",
  },
  {
    name: "log Q that is not normalised",
    file: "assembly/sample.ts",
    find: "store<f64>(logQ, logMassAt(layout, bucket, chosen) - s.logProposal);",
    replace: "store<f64>(logQ, logMassAt(layout, bucket, chosen));",
  },
  {
    name: "buckets of the head that stay in the tail",
    file: "assembly/tail.ts",
    find: "store<f32>(l.slotMasses + (<usize>slot << 2), 0);",
    replace: "store<f32>(l.slotMasses + (<usize>slot << 2), load<f32>(l.slotMasses + (<usize>slot << 2)));",
  },
  {
    name: "weights of biases that are not divided by the temperature",
    file: "assembly/whole/weights.ts",
    find: "expInto(logWeights, (end - first + 3) & ~3, top, l.inverseTemperature, weights);",
    replace: "expInto(logWeights, (end - first + 3) & ~3, top, 1, weights);",
  },
  {
    name: "a unit of its bucket for an excluded class",
    file: "assembly/whole/weights.ts",
    find: "before += u32(weight > 0);",
    replace: "before += 1;",
  },
  {
    name: "residual norms that are rounded down",
    file: "assembly/whole/residuals.ts",
    find: "* grow + FLOOR);",
    replace: "* (1 - 0.02));",
  },
  {
    name: "bucket bounds without the biases",
    file: "assembly/whole/survivors.ts",
    find: "bound = f32x4.add(bound, f32x4.mul(scale, v128.load(l.slotTops + o)));",
    replace: "",
  },
  {
    name: "proposals accepted by their own bound alone",
    file: "assembly/whole/envelope.ts",
    find: "if (number < acceptance(l, load<f32>(score), share)) break;",
    replace: "if (share > 0) break;",
  },
  {
    name: "two classes that share a clock's number",
    file: "assembly/whole/clocks.ts",
    find: "openUniformAt(l.random + (<usize>(position & 1) << 3))",
    replace: "openUniformAt(l.random)",
  },
  {
    name: "a stream whose clock starts anew at every arrival",
    file: "assembly/whole/clocks.ts",
    find: "time -= log64(openUniformAt(l.random + 8));",
    replace: "time = -log64(openUniformAt(l.random + 8));",
  },
  {
    name: "draws that do not depend on the query",
    file: "assembly/sample.ts",
    find: "philoxInto(seed, s.queryHash,",
    replace: "philoxInto(seed, 0,",
  },
  {
    name: "standard errors without the allowance for weights that no draw met",
    file: "src/estimate.ts",
    find: "return Math.sqrt(Math.max(seen, logNormal, 0) / draws + unseen * unseen);",
    replace: "return Math.sqrt(seen / draws + 0 * (logNormal + unseen));",
  },
  {
    name: "codes of two rows that change places",
    file: "assembly/scan/codes.ts",
    find: "v128.store(SUMS, oddA, 16);",
    replace: "v128.store(SUMS, evenB, 16);",
  },
  {
    name: "a threshold for codes without what rounding took",
    file: "assembly/scan/codes.ts",
    find: "floor(sum * (1 - ROUNDING)) - 1",
    replace: "floor(sum * (1 + 0.02)) + 1",
  },
  {
    name: "classes of the coded head that stay in its tail",
    file: "assembly/scan/proposal.ts",
    find: "store<f32>(scores + (<usize>load<i32>(p) << 2), -Infinity);",
    replace: "store<f32>(scores + (<usize>load<i32>(p) << 2), load<f32>(scores + (<usize>load<i32>(p) << 2)));",
  },
  {
    name: "masses by code that are not divided by the temperature",
    file: "assembly/scan/proposal.ts",
    find: "exp4(f32x4.mul(f32x4.sub(scores, shift), scale))",
    replace: "exp4(f32x4.mul(f32x4.sub(scores, shift), f32x4.splat(1)))",
  },
  {
    name: "errors of codes that are rounded down",
    file: "assembly/whole/code-errors.ts",
    find: "<i16>ceil(error / largest * CODE_LEVELS)",
    replace: "<i16>floor(error / largest * CODE_LEVELS * 0.9)",
  },
  {
    name: "bounds by codes without the rounding of their tables",
    file: "assembly/scan/certify.ts",
    find: "const margin = <f64>l.fineCount * LEVEL_ERROR + SCALED_ERROR;",
    replace: "const margin = 0 * LEVEL_ERROR * SCALED_ERROR;",
  },
  {
    name: "weights of draws by codes without their log Q",
    file: "src/search/by-codes.ts",
    find: "logX[j] = logTail - kernels.codeLogMass(layout, position);",
    replace: "logX[j] = logTail;",
  },
  {
    name: "a first pass with 7 bits that forgets what they lack",
    file: "assembly/scan/rows.ts",
    find: "return sqrt(square) * s.queryStep * rowBound",
    replace: "return 0 * square * rowBound",
  },
  {
    name: "labels found by the order of UTF-16",
    file: "src/labels.ts",
    find: "if (difference < 0) low = middle + 1;",
    replace: "if (this.of(id) < label) low = middle + 1;",
  },
  {
    name: "a token that is compared in its first byte",
    file: "worker/guard/tokens.ts",
    find: "byte < known.length; byte++",
    replace: "byte < 1; byte++",
    project: "workers",
  },
  {
    name: "a file whose SHA-256 nobody compares",
    file: "worker/publication/join-parts.ts",
    find: "if (found !== sha256)",
    replace: "if (found.length !== sha256.length)",
    project: "workers",
  },
  {
    name: "a part that may be longer than the pointer says",
    file: "worker/publication/join-parts.ts",
    find: "if (byteLength !== part.byteLength)",
    replace: "if (byteLength < part.byteLength)",
    project: "workers",
  },
  {
    name: "a new index that gets all the room there is",
    file: "worker/open-publication.ts",
    find: "maxBytes: Math.max(1, SWAP_BYTES - memoryBytes)",
    replace: "maxBytes: Math.max(1, SWAP_BYTES)",
    project: "workers",
  },
  {
    name: "a bad version that is read again at every look",
    file: "worker/refresher.ts",
    find: "if (tag !== undefined) this.#refuse(tag);",
    replace: 'if (tag === undefined) this.#refuse("");',
    project: "workers",
  },
  {
    name: "a fault that stays when the pointer goes back",
    file: "worker/refresher.ts",
    find: 'if (!publication || publication.tag === current.tag) return this.#healthy("unchanged", current);',
    replace: 'if (!publication || publication.tag === current.tag) return this.#said("unchanged", current);',
    project: "workers",
  },
  {
    name: "raw vectors read in the wrong order of bytes",
    file: "worker/vectors.ts",
    find: "view.getFloat32(i * FLOAT_BYTES, true)",
    replace: "view.getFloat32(i * FLOAT_BYTES, false)",
    project: "workers",
  },
  {
    name: "an audit that looks at another query than its estimate",
    file: "worker/watch/audit.ts",
    find: "queries.subarray(row * info.dim, (row + 1) * info.dim)",
    replace: "queries.subarray(queries.length - info.dim)",
    project: "workers",
  },
  {
    name: "an audit whose error has the other sign",
    file: "worker/watch/audit.ts",
    find: "(logPartition as number) - exact.logPartition",
    replace: "exact.logPartition - (logPartition as number)",
    project: "workers",
  },
  {
    name: "logged draws without their temperature",
    file: "worker/watch/draw-log.ts",
    find: "const { temperature = 1 } = conditions;",
    replace: "const temperature = conditions.temperature && 1;",
    project: "workers",
  },
  {
    name: "drift that counts other distributions too",
    file: "worker/watch/metrics.ts",
    find: "Object.keys(conditions).length > 0",
    replace: "Object.keys(conditions).length > 9",
    project: "workers",
  },
  {
    name: "requests under way that are never counted down",
    file: "worker/guard/in-flight.ts",
    find: "inFlight.count--;",
    replace: "inFlight.count -= 0;",
    project: "workers",
  },
  {
    name: "a publication that overwrites another's",
    file: "src/cli/publishing/current.ts",
    find: 'pointerBytes(pointer), before ?? "absent")',
    replace: "pointerBytes(pointer))",
  },
  {
    name: "a loss without log Q",
    file: "src/train/loss/forms.ts",
    find: "(x[positives + j] as number) - (logQ[j] as number) - logCount",
    replace: "(x[positives + j] as number) - logCount",
  },
  {
    name: "a loss whose draws are not divided by their number",
    file: "src/train/loss/forms.ts",
    find: "- (logQ[j] as number) - logCount",
    replace: "- (logQ[j] as number) - 0 * logCount",
  },
  {
    name: "a positive that is twice in the denominator",
    file: "src/train/loss/forms.ts",
    find: "const logZ = logSumExp({ exp64, log64 }, x);",
    replace: "const logZ = logSumExp({ exp64, log64 }, Float64Array.of(...x, x[0] as number));",
  },
  {
    name: "a popularity shifted by one class",
    file: "src/train/samplers/fixed.ts",
    find: "(logMasses[id] as number) - left",
    replace: "(logMasses[(id + 1) % itemCount] as number) - left",
  },
  {
    name: "probabilities that don't know of the exclusion",
    file: "src/train/samplers/fixed.ts",
    find: "for (const id of out) rest -= masses[id] as number;",
    replace: "",
  },
  {
    name: "a hash table's class counted in one bucket only",
    file: "src/train/samplers/lsh.ts",
    find: "mass += part.mass / part.size;",
    replace: "mass = part.mass / part.size;",
  },
  {
    name: "a refreshed index with the biases of the first one",
    file: "src/train/samplers/midx.ts",
    find: "renumbered, codes, rows, biases);",
    replace: "renumbered, codes, rows, classes.biases);",
  },
  {
    name: "draws whose mean is taken for their sum, in the sampled loss",
    file: "src/train/model/sampled-layer.ts",
    find: 'const more = form === "B" ? logNegatives : 0;',
    replace: "const more = 0;",
  },
  {
    name: "positives among the draws of form B",
    file: "src/train/model/sampled-layer.ts",
    find: 'form === "B" ? own : NONE, seed);',
    replace: "NONE, seed);",
  },
  {
    name: "the same random numbers for every query of a batch",
    file: "src/train/model/sampled-layer.ts",
    find: "seed + BigInt(b) * DRAW_STEP",
    replace: "seed",
  },
];
