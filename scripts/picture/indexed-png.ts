import { crc32, deflateSync } from "node:zlib";

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Four bytes a pixel, row by row; alpha is left out. */
  readonly rgba: Uint8Array;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Colours taken because they are frequent, and then because they are far from all that are taken. */
const [FREQUENT, RARE] = [192, 64];

/** A PNG of 256 colours; all others become the nearest of these. A third of what a browser writes. */
export function indexedPng({ width, height, rgba }: Pixels): Buffer {
  const pixels = Uint32Array.from({ length: width * height }, (_, i) => colourAt(rgba, 4 * i));
  const palette = paletteOf(pixels);
  const places = new Map<number, number>();
  const rows = Buffer.alloc((width + 1) * height); // a byte before each row says that it is not filtered
  for (const [i, colour] of pixels.entries()) {
    const place = places.get(colour) ?? nearest(palette, colour);
    places.set(colour, place);
    rows[Math.floor(i / width) * (width + 1) + 1 + (i % width)] = place;
  }
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 3, 0, 0, 0]); // 8 bits a pixel, each a place in the palette
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const colours = Buffer.from(palette.flatMap((colour) => channels(colour)));
  const parts = [chunk("IHDR", header), chunk("PLTE", colours), chunk("IDAT", deflateSync(rows, { level: 9 }))];
  return Buffer.concat([SIGNATURE, ...parts, chunk("IEND", Buffer.alloc(0))]);
}

const colourAt = (rgba: Uint8Array, at: number): number =>
  ((rgba[at] as number) << 16) | ((rgba[at + 1] as number) << 8) | (rgba[at + 2] as number);

const channels = (colour: number): [number, number, number] => [colour >> 16, (colour >> 8) & 255, colour & 255];

function paletteOf(pixels: Uint32Array): number[] {
  const counts = new Map<number, number>();
  for (const colour of pixels) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const colours = [...counts].sort(([, a], [, b]) => b - a).map(([colour]) => colour);
  const palette = colours.slice(0, FREQUENT);
  const gaps = colours.map((colour) => distance(colour, palette[nearest(palette, colour)] as number));
  for (let taken = 0; taken < RARE; taken++) {
    const rare = colours[gaps.indexOf(Math.max(...gaps))] as number;
    palette.push(rare);
    for (const [i, colour] of colours.entries()) gaps[i] = Math.min(gaps[i] as number, distance(colour, rare));
  }
  return palette;
}

function nearest(palette: readonly number[], colour: number): number {
  const distances = palette.map((candidate) => distance(candidate, colour));
  return distances.indexOf(Math.min(...distances));
}

function distance(a: number, b: number): number {
  const other = channels(b);
  return channels(a).reduce((sum, value, i) => sum + (value - (other[i] as number)) ** 2, 0);
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, checksum]);
}
