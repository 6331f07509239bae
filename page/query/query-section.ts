import { normalVector } from "../draws/random.ts";
import { byId } from "../elements.ts";
import type { Examples } from "../examples.ts";
import { Picker } from "./picker.ts";
import { parseVector } from "./vector.ts";

/**
 * Sets up the choice of a query: an example, a pasted vector or a random vector. It passes on the first query at once, with
 * the context of an example.
 */
export function querySection(
  dim: number,
  examples: Examples | undefined,
  onQuery: (query: Float32Array, context?: string) => void,
): void {
  const shown = byId("query-shown", HTMLElement);
  const picker = examples && pickerOf(examples, dim, (query, context) => take(query, "", context));
  const take = (query: Float32Array, description: string, context?: string): void => {
    if (description !== "") picker?.clear();
    shown.textContent = description;
    onQuery(query, context);
  };
  const scale = examples ? rootMeanSquare(examples.queries) : 1;
  const takeRandom = (): void => {
    const values = normalVector(dim, Math.floor(Math.random() * 2 ** 32)).map((value) => value * scale);
    take(values, "a random vector with normally distributed values");
  };
  byId("random", HTMLButtonElement).onclick = takeRandom;
  pasteForm(dim, (query) => take(query, "the pasted vector"));
  byId("picker", HTMLElement).hidden = picker === undefined;
  if (picker) picker.take(0);
  else takeRandom();
}

function pickerOf(
  { contexts, queries }: Examples,
  dim: number,
  take: (query: Float32Array, context: string) => void,
): Picker {
  return new Picker(contexts, (row) => take(queries.slice(row * dim, (row + 1) * dim), contexts[row] as string));
}

function pasteForm(dim: number, take: (query: Float32Array) => void): void {
  const [form, opener] = [byId("paste", HTMLFormElement), byId("show-paste", HTMLButtonElement)];
  const [text, error] = [byId("vector", HTMLTextAreaElement), byId("vector-error", HTMLElement)];
  byId("vector-label", HTMLElement).textContent = `A JSON array of ${dim} numbers`;
  opener.onclick = () => {
    form.hidden = !form.hidden;
    opener.ariaExpanded = String(!form.hidden);
    if (!form.hidden) text.focus();
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    try {
      const query = parseVector(text.value, dim);
      error.textContent = "";
      text.removeAttribute("aria-invalid");
      take(query);
    } catch (reason) {
      error.textContent = (reason as Error).message;
      text.setAttribute("aria-invalid", "true");
    }
  };
}

function rootMeanSquare(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}
