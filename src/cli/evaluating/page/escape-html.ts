import { printable } from "../../process/printable.ts";

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** As text or an attribute's value of HTML and SVG, on one line. */
export const escapeHtml = (text: string): string =>
  printable(text).replace(/[&<>"]/g, (character) => ENTITIES[character] as string);
