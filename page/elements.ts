/** Returns the element of index.html with this id. Throws an Error if it has another kind. */
export function byId<T extends HTMLElement>(id: string, kind: abstract new () => T): T {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new Error(`index.html has no ${kind.name} #${id}`);
}

export interface Attributes {
  readonly className?: string;
  readonly scope?: string;
  readonly title?: string;
}

/** Creates an element with attributes and content. Text is inserted as text, never as HTML. */
export function make(
  tag: string,
  { className, ...attributes }: Attributes,
  ...content: (Node | string)[]
): HTMLElement {
  const element = document.createElement(tag);
  if (className !== undefined) element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...content);
  return element;
}
