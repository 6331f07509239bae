import { type Category, COLOURS, type Item } from "../../examples/shop/catalogue.ts";

/** For each category its body, in the colour of the item, and its lines, in the colour of the text, on 48 × 48 units. */
const DRAWINGS: Readonly<Record<Category, readonly [body: string, lines: string]>> = {
  chair: ["M15 6h18v17H15z M12 26h24v5H12z", "M15 22v4 M33 22v4 M14 31v12 M34 31v12"],
  table: ["M4 15h40v6H4z", "M10 21v21 M38 21v21"],
  sofa: ["M9 13h30v13H9z M3 21h7v15H3z M38 21h7v15h-7z M11 28h26v8H11z", "M8 36v5 M40 36v5"],
  bed: ["M4 11h5v25H4z M9 26h35v10H9z M11 20h11v6H11z", "M6 36v6 M42 36v6"],
  desk: ["M3 14h42v5H3z M28 19h14v17H28z", "M8 19v23 M40 36v6 M28 27h14"],
  shelf: ["M9 5h30v38H9z", "M9 17h30 M9 30h30 M16 17v-7 M20 17v-7 M31 30v-8"],
  lamp: ["M17 6h14l8 19H9z", "M24 25v17 M15 42h18"],
  rug: ["M6 13h36v22H6z", "M12 19h24v10H12z M6 13H3 M6 24H3 M6 35H3 M42 13h3 M42 24h3 M42 35h3"],
  curtain: ["M7 8h15q0 22-11 34H7z M41 8H26q0 22 11 34h4z", "M3 7h42"],
  cushion: ["M7 10q17 5 34 0q-5 14 0 28q-17-5-34 0q5-14 0-28z", "M24 22v4"],
  blanket: ["M8 9h32v28H8z", "M8 16h32 M8 21h32 M11 37v5 M18 37v5 M24 37v5 M30 37v5 M37 37v5"],
  vase: ["M19 15h10q-1 4 3 7q8 6 2 15l-3 5H17l-3-5q-6-9 2-15q4-3 3-7z", "M24 15V4 M24 10l6-5 M24 11l-6-5"],
  mirror: ["M24 4a15 18 0 1 1 0 36a15 18 0 1 1 0-36z", "M17 23l8-10 M20 29l12-15 M15 44h18"],
  clock: ["M24 6a18 18 0 1 1 0 36a18 18 0 1 1 0-36z", "M24 14v10l7 5"],
};

const SVG = "http://www.w3.org/2000/svg";

/** Draws an item. Its name stands beside the drawing, so screen readers skip the drawing. */
export function drawingOf({ category, colour }: Item): SVGElement {
  const [body, lines] = DRAWINGS[category];
  const drawing = element("svg", { viewBox: "0 0 48 48", "aria-hidden": "true" });
  drawing.append(element("path", { d: body, fill: COLOURS[colour] }), element("path", { d: lines, class: "lines" }));
  return drawing;
}

function element(tag: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const created = document.createElementNS(SVG, tag) as SVGElement;
  for (const [name, value] of Object.entries(attributes)) created.setAttribute(name, value);
  return created;
}
