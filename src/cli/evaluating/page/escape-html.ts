import { printable } from "../../process/printable.ts";

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Escapes text for HTML and SVG, as content or as the value of an attribute, on one line. */
export const escapeHtml = (text: string): string =>
  printable(text).replace(/[&<>"]/g, (character) => ENTITIES[character] as string);
