import { itemOf } from "../../examples/shop/catalogue.ts";
import { make } from "../elements.ts";
import { percent } from "../numbers.ts";
import { drawingOf } from "./drawings.ts";
import type { Recommendation } from "./visit.ts";

/**
 * Makes a button with the facts about an item and how likely the next click is on it, beside that of the likeliest item.
 */
export function cardOf(
  { name, probability }: Recommendation,
  most: number,
  click: (name: string) => void,
): HTMLElement {
  const item = itemOf(name);
  const chance = `${percent(probability, 2)} %`;
  const bar = document.createElement("progress");
  bar.max = most;
  bar.value = probability;
  bar.ariaLabel = `clicked next: ${chance}`;
  const card = make(
    "button",
    { className: "item", title: `The model expects a click with ${chance}.` },
    drawingOf(item),
    make("strong", {}, `${item.style} ${item.category}`),
    make("small", {}, `${item.maker}, ${item.colour} `, make("span", { className: "price" }, `€ ${item.price}`)),
    bar,
    make("small", {}, chance),
  );
  card.onclick = () => click(name);
  return card;
}

/** Makes a small drawing of an item that was clicked. */
export const clickedOf = (name: string): HTMLElement =>
  make("li", { title: name }, drawingOf(itemOf(name)), make("span", { className: "visually-hidden" }, name));
