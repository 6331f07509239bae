import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/bytes/format-error.ts";
import {
  isManifestText,
  MAX_MANIFEST_BYTES,
  type Manifest,
  manifestIn,
  sealManifest,
  serialiseManifest,
  versionOfParts,
} from "../../src/publication/manifest.ts";
import { carriedStatistics } from "../../src/publication/merged-statistics.ts";
import { parsePointer } from "../../src/publication/pointer.ts";

const digest = (digit: string): string => digit.repeat(64);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const part = (number: number, idBase: number, classes: number) => ({
  number,
  file: `part-000${number}-0123456789ab.midx`,
  sha256: digest(String(number)),
  byteLength: 1000 + number,
  classes,
  idBase,
  memoryBytes: 5_000_000,
});

const UNSEALED = {
  version: "2026-11.a_1",
  classes: 30,
  facts: { dim: 8, metric: "dot" as const, hasLabels: false },
  parts: [part(0, 0, 10), part(2, 10, 0), part(1, 10, 20)],
  recallCurves: null,
  calibration: null,
  log: null,
};

/** A manifest with other fields and with the generation of its new text, as a forger would write it. */
async function forged(change: object, order: readonly string[] = []): Promise<Uint8Array> {
  const fields: Record<string, unknown> = { ...UNSEALED, ...change };
  const text = serialiseManifest(await sealManifest(fields as unknown as Omit<Manifest, "generation">));
  const more = Object.keys(change).filter((name) => !(name in UNSEALED) && name !== "contract" && name !== "previous");
  if (more.length + order.length === 0) return bytes(text);
  const all = { ...JSON.parse(text), ...Object.fromEntries(more.map((name) => [name, fields[name]])) };
  return bytes(`${JSON.stringify(all, undefined, 2)}\n`);
}

const CURVES = [
  {
    k: 10,
    points: [
      { scan: 1024, rescore: 20, recall: 0.9 },
      { scan: 2048, rescore: 20, recall: 0.95 },
    ],
  },
];
const CALIBRATION = {
  ...{ estimator: "dispersion-5", source: "queries" as const, queryCount: 100, factor: 1.1, limit: 0.5 },
  ...{ coverage: 0.96, flagged: 0.01, answers: 400, largestMiss: 3.2 },
};

const MOMENTS = { mean: 4.5, deviation: 0.25 };
const MEASURES = { logPartition: MOMENTS, essShare: MOMENTS, headShare: MOMENTS };
const STATISTICS = {
  ...{ source: "queries" as const, queryCount: 100 },
  bands: [{ band: "all" as const, queryCount: 100, ...MEASURES }],
};

describe("a manifest", () => {
  it("is read as it was written", async () => {
    for (const more of [
      {},
      { contract: "0f3a5b", previous: "0f3a5b" },
      { recallCurves: CURVES, calibration: CALIBRATION },
      { facts: { dim: 8, metric: "cosine" as const, hasLabels: true, space: "text-2" } },
      { parts: [{ ...part(0, 0, 30), replicas: 2 }] },
      { parts: [part(0, 0, 15), { ...part(1, 15, 15), sha256: digest("0") }] },
      {
        facts: { ...UNSEALED.facts, hasLabels: true },
        parts: [part(0, 0, 0), { ...part(1, 0, 0), sha256: digest("0") }, part(2, 0, 30)],
      },
      { log: { sequence: 41 } },
      { statistics: STATISTICS },
      { statistics: carriedStatistics({ ...STATISTICS, source: "audits" }) },
      { previous: "0f3a5b", canary: { version: "next", share: 0.05 } },
    ]) {
      const manifest = await sealManifest({ ...UNSEALED, ...more });
      expect(await manifestIn(bytes(serialiseManifest(manifest)))).toEqual(manifest);
      expect(isManifestText(serialiseManifest(manifest))).toBe(true);
    }
  });

  it("has the SHA-256 of its text without the generation as its generation", async () => {
    const manifest = await sealManifest(UNSEALED);
    const without = serialiseManifest(manifest).replace(/^ {2}"generation": ".*",\n/m, "");
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(without)));
    expect(manifest.generation).toBe(Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join(""));
    expect((await sealManifest({ ...UNSEALED, version: "b" })).generation).not.toBe(manifest.generation);
  });

  it("keeps its generation while a canary is tried beside it", async () => {
    const manifest = await sealManifest(UNSEALED);
    const tried = { ...manifest, canary: { version: "next", share: 0.5 } };
    expect(await sealManifest(tried)).toEqual(tried);
    expect(serialiseManifest(tried)).toMatch(
      /,\n {2}"canary": \{\n {4}"version": "next",\n {4}"share": 0\.5\n {2}\}\n\}\n$/,
    );
  });

  it("has a version by its parts, where nobody named one", async () => {
    const version = await versionOfParts(UNSEALED.parts);
    expect(version).toMatch(/^[0-9a-f]{12}$/);
    expect(await versionOfParts([...UNSEALED.parts].reverse())).not.toBe(version);
  });

  it("is no pointer, so that a Worker which only knows pointers refuses it and keeps what it serves", async () => {
    const text = serialiseManifest(await sealManifest(UNSEALED));
    expect(() => parsePointer(text)).toThrow(expect.objectContaining({ code: "pointer" }));
    expect(() => parsePointer(text)).toThrow(
      '"kind" expected none, got "manifest": publish an index file, or take a router',
    );
  });

  const place = (fields: object) => ({ parts: [{ ...part(0, 0, 30), ...fields }] });
  it.each([
    [{ kind: "pointer" }, '"kind" expected "manifest", which a router needs, got "pointer"'],
    [{ formatVersion: 2 }, '"formatVersion" expected 1, got 2: update midx here'],
    [{ sha512: "" }, '"sha512" is not a field of this form of manifest'],
    [{ version: "../x" }, '"version" expected 1 to 64 letters'],
    [{ generation: digest("a") }, '"generation" expected the SHA-256 of the text without it'],
    [{ classes: 31 }, '"classes" expected 30, the sum of its parts, got 31'],
    [{ classes: -1 }, '"classes" expected an integer from 0'],
    [{ facts: { ...UNSEALED.facts, dim: 0 } }, '"facts.dim" expected an integer from 1 to 4096, got 0'],
    [{ facts: { ...UNSEALED.facts, metric: "l2" } }, '"facts.metric" expected "dot" or "cosine", got "l2"'],
    [{ facts: { ...UNSEALED.facts, hasLabels: 1 } }, '"facts.hasLabels" expected true or false, got 1'],
    [{ facts: { ...UNSEALED.facts, space: "a b" } }, '"facts.space" expected 1 to 64 letters'],
    [{ facts: { ...UNSEALED.facts, itemCount: 30 } }, '"facts.itemCount" is not a field'],
    [{ parts: [] }, '"parts" expected an array of 1 to 1024, got 0'],
    [{ parts: [part(0, 0, 10), part(0, 10, 20)] }, '"parts[1].number" expected one of its own, got that of parts[0]'],
    [
      { parts: [part(0, 0, 10), part(1, 9, 20)] },
      '"parts[1].idBase" expected 10, the end of the part before it, got 9: it overlaps the part before it',
    ],
    [
      { parts: [part(0, 0, 10), part(1, 11, 20)] },
      '"parts[1].idBase" expected 10, the end of the part before it, got 11: it leaves',
    ],
    [
      {
        facts: { ...UNSEALED.facts, hasLabels: true },
        parts: [part(0, 0, 10), part(2, 10, 0), { ...part(1, 10, 20), sha256: digest("0") }],
      },
      '"parts[2].sha256" expected a file with labels of its own, got that of parts[0]',
    ],
    [{ parts: [part(1, 10, 20), part(0, 0, 10)] }, '"parts[0].idBase" expected 0'],
    [
      { statistics: { ...STATISTICS, source: "stand-ins" } },
      '"statistics.source" expected queries, audits, got "stand',
    ],
    [{ canary: { version: "../x", share: 0.5 } }, '"canary.version" expected 1 to 64 letters'],
    [{ canary: { version: "next", share: 1.5 } }, '"canary.share" expected a number from 0 to 1, got 1.5'],
    [{ canary: { version: "next", share: 0.5, key: 1 } }, '"canary.key" is not a field of this form of manifest'],
    [{ canary: null }, '"canary" expected an object, got null'],
    [{ statistics: { ...STATISTICS, carried: false } }, '"statistics.carried" expected true, got false'],
    [{ statistics: { ...STATISTICS, bands: [] } }, '"statistics.bands" expected an array of 1 to 4, got 0'],
    [
      { statistics: { ...STATISTICS, bands: [...STATISTICS.bands, ...STATISTICS.bands] } },
      '"statistics.bands" expected 1 or 4, got 2',
    ],
    [
      { statistics: { ...STATISTICS, bands: [{ band: "head", queryCount: 1, ...MEASURES }] } },
      '"statistics.bands[0].band" expected "all", got "head"',
    ],
    [
      {
        statistics: {
          ...STATISTICS,
          bands: [{ band: "all", queryCount: 1, ...MEASURES, headShare: { mean: 1, deviation: -1 } }],
        },
      },
      '"statistics.bands[0].headShare.deviation" expected a number from 0 to',
    ],
    [place({ number: 65536 }), '"parts[0].number" expected an integer from 0 to 65535, got 65536'],
    [place({ sha256: "0" }), '"parts[0].sha256" expected 64 hex digits'],
    [place({ byteLength: 0 }), '"parts[0].byteLength" expected an integer from 1'],
    [place({ replicas: 0 }), '"parts[0].replicas" expected an integer from 1 to 16, got 0'],
    [place({ etag: "" }), '"parts[0].etag" is not a field'],
    [place({ pointer: "a.json" }), '"parts[0]" expected either "file" or "pointer", got both'],
    [place({ file: undefined }), '"parts[0]" expected either "file" or "pointer", got neither'],
    [
      place({ file: "current.json" }),
      '"parts[0].file" expected a relative name that ends in ".midx", got "current.json"',
    ],
    [place({ file: "../a.midx" }), "expected a relative name"],
    [place({ file: "/etc/a.midx" }), "expected a relative name"],
    [place({ file: "a/./b.midx" }), "expected a relative name"],
    [place({ file: "a\\b.midx" }), "expected a relative name"],
    [place({ file: "a/../../b.midx" }), "expected a relative name"],
    [place({ file: "https://example.com/a.midx" }), "expected a relative name"],
    [place({ file: "//example.com/a.midx" }), "expected a relative name"],
    [place({ file: "file:a.midx" }), "expected a relative name"],
    [
      place({ file: undefined, pointer: "current.json" }),
      '"parts[0].pointer" expected a part, got the manifest itself',
    ],
    [{ log: 7 }, '"log" expected an object'],
    [{ log: {} }, '"log.sequence" expected an integer from 1'],
    [{ log: { sequence: 0 } }, '"log.sequence" expected an integer from 1'],
    [{ log: { sequence: 7, head: 8 } }, '"log.head" is not a field'],
    [{ recallCurves: [] }, '"recallCurves" expected an array of 1 to 8, got 0'],
    [{ recallCurves: [{ ...CURVES[0], points: [...(CURVES[0]?.points ?? [])].reverse() }] }, "expected more than 0.95"],
    [
      { calibration: { ...CALIBRATION, coverage: 1.5 } },
      '"calibration.coverage" expected a number from 0 to 1, got 1.5',
    ],
    [{ calibration: { ...CALIBRATION, source: "guess" } }, '"calibration.source" expected queries, stand-ins, audits'],
    [{ contract: "a b" }, '"contract" expected 1 to 64 letters'],
  ])("with %j is refused by name", async (change, message) => {
    const read = manifestIn(await forged(change), { itself: "current.json" });
    await expect(read).rejects.toThrow(FormatError);
    await expect(read).rejects.toThrow(message);
    await expect(read).rejects.toMatchObject({ code: "manifest" });
  });

  it("of another form is refused, so that a field that stands twice can't say two things", async () => {
    const text = serialiseManifest(await sealManifest(UNSEALED));
    const twice = text.replace('"classes": 30', '"classes": 29,\n  "classes": 30');
    for (const other of [twice, text.trimEnd(), JSON.stringify(JSON.parse(text)), ` ${text}`]) {
      await expect(manifestIn(bytes(other))).rejects.toThrow("expected its fields once, in order");
    }
    for (const [other, message] of [
      ["{", "expected JSON"],
      ["[]", "the manifest expected an object"],
    ] as const) {
      await expect(manifestIn(bytes(other))).rejects.toThrow(message);
    }
    await expect(manifestIn(new Uint8Array(MAX_MANIFEST_BYTES + 1))).rejects.toThrow("expected at most 1048576 bytes");
  });

  it("may name the hosts that its reader allows, and no others", async () => {
    const hosts = ["parts.example.com"];
    const read = async (file: string) => manifestIn(await forged(place({ file })), { hosts });
    const file = "https://parts.example.com/words/a.midx";
    expect((await read(file)).parts[0]?.file).toBe(file);
    for (const foreign of [
      "https://example.com/a.midx",
      "http://parts.example.com/a.midx",
      "https://parts.example.com:8443/a.midx",
      "https://user@parts.example.com/a.midx",
      "https://parts.example.com@evil.example/a.midx",
      "https://parts.example.com/a/../b.midx",
      "https://PARTS.example.com/a.midx",
      "https://parts.example.com/?a.midx",
    ]) {
      await expect(read(foreign), foreign).rejects.toThrow("or a https URL of parts.example.com");
    }
  });
});
