export interface Posted {
  /** 0 if the connection failed before an answer was there. */
  readonly status: number;
  readonly text: string;
}

/**
 * Posts a JSON body and reads the answer. A failed connection is an answer with status 0: on a busy machine a kept-alive
 * connection may close just as it is used again, and a benchmark of minutes counts that as a failure and continues.
 */
export async function post(url: string, body: string): Promise<Posted> {
  try {
    const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { status: 0, text: "" };
  }
}
