import { describe, expect, test } from "vitest";
import { bytesOf, type RawFile, readRaw, writeRaw } from "../fixtures/index-file.ts";
import { WHOLE } from "../run/size.ts";
import { inTurn } from "../run/turns.ts";
import { SMALL_FILES, SMALL_NAMES } from "./files.ts";
import { judge } from "./judge.ts";
import { reseal } from "./reseal.ts";
import { Tally } from "./tally.ts";

// The table of tensors and the tensors' bytes, in another order or number. Checksums are correct throughout.

type Tensors = RawFile["tensors"];
type Tensor = Tensors[string];

/** Pairs of tensors, in both orders. They take turns; `npm run test:hostile` takes all. */
function pairs({ tensors }: RawFile): [string, string][] {
  const names = Object.keys(tensors);
  const all = names.flatMap((a) => names.filter((b) => b !== a).map((b): [string, string] => [a, b]));
  return WHOLE ? all : inTurn(all, 18);
}

/** The tensors in this order, with their bytes. */
function rearranged(raw: RawFile, order: readonly string[]): RawFile {
  const data = new Uint8Array(raw.data.length);
  const places = new Map<string, Tensor>();
  let begin = 0;
  for (const name of order) {
    const bytes = bytesOf(raw, name);
    data.set(bytes, begin);
    places.set(name, { ...(raw.tensors[name] as Tensor), data_offsets: [begin, begin + bytes.length] });
    begin += bytes.length;
  }
  return { ...raw, tensors: Object.fromEntries(order.map((name) => [name, places.get(name) as Tensor])), data };
}

/** The table with the entries that `entryOf` returns. */
const withEntries = (raw: RawFile, entryOf: (name: string) => Tensor | undefined): RawFile => ({
  ...raw,
  tensors: Object.fromEntries(
    Object.keys(raw.tensors).map((name) => [name, entryOf(name) ?? raw.tensors[name]]),
  ) as Tensors,
});

/** The faults of a table, by what was done to a pair of tensors. */
const CHANGES: Record<string, (raw: RawFile, a: string, b: string) => RawFile> = {
  "two names exchanged": (raw, a, b) =>
    withEntries(raw, (name) => (name === a ? raw.tensors[b] : name === b ? raw.tensors[a] : undefined)),
  "two places exchanged": (raw, a, b) => {
    const [one, other] = [raw.tensors[a] as Tensor, raw.tensors[b] as Tensor];
    return withEntries(raw, (name) => {
      if (name === a) return { ...one, data_offsets: other.data_offsets };
      return name === b ? { ...other, data_offsets: one.data_offsets } : undefined;
    });
  },
  "one tensor where another is": (raw, a, b) =>
    withEntries(raw, (name) =>
      name === a ? { ...(raw.tensors[a] as Tensor), data_offsets: (raw.tensors[b] as Tensor).data_offsets } : undefined,
    ),
  "one tensor instead of another": (raw, a, b) => withEntries(raw, (name) => (name === a ? raw.tensors[b] : undefined)),
  "two tensors that change places, with their bytes": (raw, a, b) =>
    rearranged(
      raw,
      Object.keys(raw.tensors).map((name) => (name === a ? b : name === b ? a : name)),
    ),
  "one tensor that begins in another": (raw, a, b) => {
    const { data_offsets: place } = raw.tensors[a] as Tensor;
    const begin = (raw.tensors[b] as Tensor).data_offsets[0] + 16;
    return withEntries(raw, (name) =>
      name === a ? { ...(raw.tensors[a] as Tensor), data_offsets: [begin, begin + place[1] - place[0]] } : undefined,
    );
  },
};

/** The file with another header text, of any length, in front of the same data. */
function withHeader(raw: RawFile, json: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(json.padEnd(Math.ceil((json.length + 8) / 16) * 16 - 8));
  const file = new Uint8Array(8 + text.length + raw.data.length);
  new DataView(file.buffer).setUint32(0, text.length, true);
  file.set(text, 8);
  file.set(raw.data, 8 + text.length);
  return reseal(file);
}

const headerText = (file: Uint8Array, raw: RawFile): string =>
  new TextDecoder().decode(file.subarray(8, raw.headerBytes)).trimEnd();

describe.each(SMALL_NAMES)("%s", (name) => {
  const file = SMALL_FILES[name];
  const raw = readRaw(file);

  test.each(Object.entries(CHANGES))("with %s is refused", async (what, change) => {
    const tally = new Tally();
    for (const [a, b] of pairs(raw)) {
      const changed = writeRaw(change(raw, a, b));
      const verdict = await judge(changed);
      expect(verdict, `${a}, ${b}`).toMatch(/^(tensor-(table|size|gap|overlap)|file-(truncated|extended))$/);
      tally.add(verdict);
    }
    tally.print(`${what}, ${name}`);
  });

  test("with the bytes of two tensors exchanged, as far as they go, is refused or harmless", async () => {
    const tally = new Tally();
    for (const [a, b] of pairs(raw)) {
      const changed = { ...raw, data: raw.data.slice() };
      const length = Math.min(bytesOf(raw, a).length, bytesOf(raw, b).length);
      bytesOf(changed, a).set(bytesOf(raw, b).subarray(0, length));
      bytesOf(changed, b).set(bytesOf(raw, a).subarray(0, length));
      const verdict = await judge(writeRaw(changed)).catch((error) => {
        throw new Error(`${a}, ${b}: ${error}`, { cause: error });
      });
      tally.add(verdict);
    }
    tally.print(`bytes of two tensors exchanged, ${name}`);
    expect(tally.refused).toBeGreaterThan(tally.tried / 2);
  });

  test("with any tensor missing, or a second time, is refused", async () => {
    const text = headerText(file, raw);
    for (const [tensor, entry] of Object.entries(raw.tensors)) {
      const { [tensor]: _, ...others } = raw.tensors;
      expect(await judge(writeRaw({ ...raw, tensors: others })), `without ${tensor}`).not.toBe("harmless");
      const order = Object.keys(raw.tensors).filter((other) => other !== tensor);
      expect(await judge(writeRaw(rearranged(raw, order))), `without the bytes of ${tensor}`).not.toBe("harmless");
      const again = `,${JSON.stringify(tensor)}:${JSON.stringify(entry)}`;
      expect(await judge(withHeader(raw, text.replace(/}$/, `${again}}`))), `${tensor} twice`).toBe("header-duplicate");
      const second = `,${JSON.stringify(`${tensor}2`)}:${JSON.stringify(entry)}`;
      const verdict = await judge(withHeader(raw, text.replace(/}$/, `${second}}`)));
      expect(verdict, `${tensor} under two names`).toBe(
        entry.data_offsets[0] < entry.data_offsets[1] ? "tensor-overlap" : "tensor-table",
      );
    }
  });

  test("with the entries of its header in another order is refused", async () => {
    const entries = Object.entries(raw.tensors);
    const metadata = Object.entries(raw.metadata);
    for (let i = 1; i < entries.length; i++) {
      const moved = [...entries.slice(i), ...entries.slice(0, i)];
      const tensors = Object.fromEntries(moved);
      expect(await judge(writeRaw({ ...raw, tensors })), `tensors from ${i} on`).toMatch(
        /^header-(checksum|canonical)$/,
      );
    }
    for (let i = 1; i < metadata.length; i++) {
      const moved = Object.fromEntries([...metadata.slice(i), ...metadata.slice(0, i)]);
      expect(await judge(writeRaw({ ...raw, metadata: moved })), `metadata from ${i} on`).toMatch(
        /^header-(checksum|canonical)$/,
      );
    }
  });

  test("with its text in another form is refused, even where the checksum is that of the only form", async () => {
    const text = headerText(file, raw);
    for (const form of [
      ...[" ", "\n", "\t"].map((space) => text.replaceAll(",", `,${space}`)),
      text.replace('"midx"', '"mid\\u0078"'),
      text.replace("[0,", "[0.0,"),
      text.replace("[0,", "[0e5,"),
      text.replace("[0,", "[-0,"),
      `${text}${" ".repeat(16)}`,
    ]) {
      const length = Math.ceil((form.length + 8) / 16) * 16 - 8;
      const changed = new Uint8Array(8 + length + raw.data.length).fill(0x20);
      new DataView(changed.buffer).setBigUint64(0, BigInt(length), true);
      changed.set(new TextEncoder().encode(form), 8);
      changed.set(raw.data, 8 + length);
      expect(await judge(changed), form.slice(0, 80)).not.toBe("harmless");
      expect(await judge(reseal(changed)), form.slice(0, 80)).not.toBe("harmless");
    }
  });
});
