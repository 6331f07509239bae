import { escapeHtml } from "./escape-html.ts";

/** Units across a figure: a phone shows them smaller than a desk does, and text of 12 units stays readable. */
export const WIDTH = 400;

/** A figure that says in words what it shows. Colours are classes of style.ts, so that it follows light and dark. */
export const svg = (height: number, label: string, parts: readonly string[]): string =>
  `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeHtml(label)}">${parts.join("")}</svg>`;

export type Anchor = "start" | "middle" | "end";

export const text = (x: number, y: number, words: string, anchor: Anchor = "start", style = "quiet"): string =>
  `<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}" class="${style}">${escapeHtml(words)}</text>`;

export const line = (x1: number, y1: number, x2: number, y2: number, style: string): string =>
  `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" class="${style}"/>`;

export const rectangle = (x: number, y: number, width: number, height: number, style: string, radius = 2): string =>
  `<rect x="${at(x)}" y="${at(y)}" width="${at(Math.max(0, width))}" height="${at(Math.max(0, height))}" rx="${radius}" class="${style}"/>`;

export const circle = (x: number, y: number, radius: number, style: string): string =>
  `<circle cx="${at(x)}" cy="${at(y)}" r="${at(radius)}" class="${style}"/>`;

/** Hundredths of a unit are enough. */
const at = (value: number): string => String(Number(value.toFixed(2)));
