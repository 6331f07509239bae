import { byId, make } from "./elements.ts";
import { ServerError } from "./server.ts";

/** Shows under the header what the page is waiting for. */
export function showWaiting(text: string): void {
  byId("notice", HTMLElement).replaceChildren(make("p", { className: "hint" }, text));
}

export function clearNotice(): void {
  byId("notice", HTMLElement).replaceChildren();
}

/** Explains an error, with the code and request id by which a log can be searched. */
function explanation(error: unknown): string {
  if (error instanceof ServerError) {
    return `The server answered ${error.status} ${error.code}: ${error.message} (request ${error.requestId})`;
  }
  if (error instanceof TypeError && /fetch|network|load failed/i.test(error.message)) {
    return "The server can't be reached.";
  }
  return error instanceof Error ? error.message : String(error);
}

/** Returns the explanation of an error with a button that tries again. */
export function failure(error: unknown, retry: () => void): HTMLElement {
  const button = make("button", {}, "Try again");
  button.onclick = retry;
  return make("div", { className: "failure" }, make("p", { className: "error" }, explanation(error)), button);
}

export const wantsToken = (error: unknown): boolean =>
  error instanceof ServerError && error.status === 401 && error.code === "unauthorized";

/** Shows the form for a token, with what is wrong with the last one, and passes the token to `use`. */
export function askForToken(fault: string, use: (token: string) => void): void {
  const [form, field] = [byId("token-form", HTMLFormElement), byId("token", HTMLInputElement)];
  const shown = byId("token-error", HTMLElement);
  form.hidden = false;
  shown.textContent = fault;
  field.focus();
  form.onsubmit = (event) => {
    event.preventDefault();
    const token = field.value.trim();
    field.value = "";
    if (!isSendable(token)) {
      shown.textContent = "The token has characters that a browser cannot send.";
      return;
    }
    form.hidden = true;
    use(token);
  };
}

/** Tells whether a token may stand in a header. A token that was copied from a page may have a dash or a space of another kind. */
function isSendable(token: string): boolean {
  try {
    new Headers({ authorization: token });
    return true;
  } catch {
    return false;
  }
}
