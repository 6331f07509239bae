import { describe, expect, test, vi } from "vitest";
import { createHandler } from "../../worker/handler.ts";
import { createLiveHandler } from "../../worker/live-handler.ts";
import { createPart, partObject } from "../../worker/part.ts";
import { changesBy, createRouter, sequencesBy } from "../../worker/router.ts";

// Mistakes in a program are found when it starts, not when the first request comes.

const manifestOf = () => ({ look: async () => undefined });
const hosts = () => [];
const any = (value: unknown): never => value as never;

describe("a router, a part and a handler refuse what they could not call", () => {
  test.each<[() => unknown, string]>([
    [() => createRouter(any("items/current.json"), { hosts }), '"manifestOf" expected a function, got "items/current'],
    [() => createRouter(manifestOf, any({})), '"hosts" expected a function, got undefined'],
    [() => createRouter(manifestOf, { hosts: any([]) }), '"hosts" expected a function, got an array'],
    [() => createRouter(manifestOf, { hosts, bindings: any(5) }), '"bindings" expected a function, got 5'],
    [
      () => createRouter(manifestOf, { hosts, bindings: any({ events: {} }) }),
      '"bindings" expected a function, got an obj',
    ],
    [
      () => createRouter(manifestOf, { hosts, sequences: any(5) }),
      '"sequences" expected sequencesBy(openSharedEncoder), got 5',
    ],
    [
      () => createRouter(manifestOf, { hosts, changes: any(null) }),
      '"changes" expected changesBy({ log }) or passChanges(), got',
    ],
    [() => createRouter(manifestOf, any({ hosts, fanout: 3 })), "it takes hosts, bindings, sequences, changes, fanOut"],
    [() => sequencesBy(any(undefined)), '"openEncoder" expected a function, got undefined'],
    [() => changesBy(any({})), '"log" expected a function that returns a log of changes, got undefined'],
    [() => createPart(any({}), { number: 1 }), '"manifestOf" expected a function, got an object'],
    [() => createPart(manifestOf, any({})), '"number" expected the number of a part, an integer, got undefined'],
    [() => createPart(manifestOf, { number: any("3") }), 'an integer, got "3"'],
    [() => partObject(any(undefined)), '"manifestOf" expected a function, got undefined'],
    [() => partObject(manifestOf, { base: any("DurableObject") }), '"base" expected a function, got "DurableObject"'],
    [() => createHandler(any("words.midx")), '"indexOf" expected a function, got "words.midx"'],
    [() => createHandler(manifestOf, { bindings: any(5) }), '"bindings" expected a function, got 5'],
    [() => createLiveHandler(manifestOf, any({})), '"log" expected a function, got undefined'],
  ])("%#", (create, message) => {
    expect(create).toThrow(message);
  });

  test("the number of a part that a variable gives as text is named in the log", async () => {
    const logged = vi.spyOn(console, "error").mockReturnValue();
    const part = createPart<{ PART: number }>(manifestOf, { number: ({ PART }) => PART });
    const headers = { "x-midx-generation": "0".repeat(64), "x-midx-parts": "3", "x-midx-deadline-ms": "1000" };
    const response = await part.fetch(new Request("https://part.invalid/v1/part", { headers }), any({ PART: "3" }));
    expect(await response.json()).toMatchObject({ code: "misconfigured" });
    expect(String(logged.mock.calls.flat())).toContain('"number" expected the number of a part, an integer, got "3"');
    logged.mockRestore();
  });
});
