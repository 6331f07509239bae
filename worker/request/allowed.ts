import type { ClassBitmap } from "../../src/public.ts";
import type { ServedIndex } from "../host/served-index.ts";
import { readIds, type UnknownLabels } from "./ids.ts";
import { invalidField } from "./invalid-field.ts";

/** The allowed classes of a request, unchecked: a list of them, or the bits of a bitmap as base64. */
export type AllowedField = readonly unknown[] | { readonly bitmap: string };

/** Allowed classes before or after they are read. Only their length matters. */
export type AnyAllowed = Listed | { readonly bitmap: Listed };
export type Listed = Pick<ArrayLike<unknown>, "length">;

/** Returns the length of a bitmap, and 0 for a list. */
export const bitmapLength = (allow: AnyAllowed | undefined): number =>
  allow !== undefined && "bitmap" in allow ? allow.bitmap.length : 0;

/** Reads the allowed classes. A 400 names the element that is wrong, or says what is wrong with the bitmap. */
export function readAllowed(
  allow: AllowedField,
  field: string,
  index: ServedIndex,
  unknown: UnknownLabels,
): Int32Array | ClassBitmap {
  if (!("bitmap" in allow)) return readIds(allow, field, index, unknown);
  const place = `${field}.bitmap`;
  const { itemCount } = index.info;
  const bitmap = bytesOf(allow.bitmap, place);
  const length = Math.ceil(itemCount / 8);
  if (bitmap.length === length) return { bitmap };
  throw invalidField(
    place,
    `${length} bytes, a bit for each of ${itemCount} classes, lowest first, got ${bitmap.length}: make it for the index that is served`,
  );
}

function bytesOf(text: string, field: string): Uint8Array {
  try {
    const characters = atob(text);
    const bytes = new Uint8Array(characters.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
    return bytes;
  } catch {
    throw invalidField(field, "base64 of the bytes, with + and /, got other text: encode the bytes, not the ids");
  }
}
