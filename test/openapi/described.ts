import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

/** The parts of the document that tests read. */
export interface OpenApi {
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, { readonly properties?: Readonly<Record<string, object>> }>>;
    readonly responses: Readonly<Record<string, DescribedResponse>>;
  };
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly example?: object }>> };
  readonly responses: Readonly<Record<string, DescribedResponse & { readonly $ref?: string }>>;
}

interface Parameter {
  readonly name: string;
  readonly content?: object;
}

interface DescribedResponse {
  readonly headers?: Readonly<Record<string, object>>;
  readonly content: Readonly<Record<string, { readonly example?: object }>>;
}

/** Checks real requests and answers against the document. */
export class Described {
  readonly document: OpenApi;
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false });
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor(document: object) {
    this.document = document as OpenApi;
    this.#ajv.addSchema(document, "openapi");
  }

  /** All operations, such as "get /v1/info". */
  get operations(): string[] {
    return Object.entries(this.document.paths).flatMap(([path, methods]) =>
      Object.keys(methods)
        .filter((name) => name !== "parameters")
        .map((method) => `${method} ${path}`),
    );
  }

  /** All answers, such as "get /v1/info 200". */
  get answers(): string[] {
    return this.operations.flatMap((operation) =>
      Object.keys(this.#operation(operation).responses).map((status) => `${operation} ${status}`),
    );
  }

  /** The faults of a JSON body of a request. */
  faultsOfRequest(operation: string, body: unknown): string[] {
    return this.#faults(`${pointerTo(operation)}/requestBody/content/application~1json/schema`, body);
  }

  /** The faults of one field in the query string. */
  faultsOfParameter(operation: string, name: string, value: unknown): string[] {
    const { parameters = [] } = this.#operation(operation);
    const i = parameters.findIndex((parameter) => parameter.name === name);
    if (i < 0) return [`${name} is not described`];
    const schema = parameters[i]?.content ? "content/application~1json/schema" : "schema";
    return this.#faults(`${pointerTo(operation)}/parameters/${i}/${schema}`, value);
  }

  /** The faults of an answer to an operation: its status, media type, headers and body. */
  async faultsOfAnswer(operation: string, response: Response): Promise<string[]> {
    const described = this.#operation(operation).responses[response.status];
    if (!described) return [`${operation} has no answer ${response.status}`];
    const pointer = described.$ref ?? `${pointerTo(operation)}/responses/${response.status}`;
    return this.#faultsAt(pointer, this.#resolved(described), response);
  }

  /** The faults of an error that belongs to no operation. */
  async faultsOfError(name: string, response: Response): Promise<string[]> {
    const described = this.document.components.responses[name] as DescribedResponse;
    return this.#faultsAt(`#/components/responses/${name}`, described, response);
  }

  async #faultsAt(
    pointer: string,
    { headers = {}, content }: DescribedResponse,
    response: Response,
  ): Promise<string[]> {
    const type = response.headers.get("content-type")?.split(";")[0] ?? "none";
    if (!content[type]) return [`${pointer} has no ${type}`];
    const text = await response.text();
    const body: unknown = type.endsWith("json") ? JSON.parse(text) : text;
    return [
      ...Object.keys(headers)
        .filter((name) => !response.headers.has(name))
        .map((name) => `${name} is missing`),
      ...this.#faults(`${pointer}/content/${type.replace("/", "~1")}/schema`, body),
    ];
  }

  #operation(operation: string): Operation {
    const [method = "", path = ""] = operation.split(" ");
    const found = this.document.paths[path]?.[method];
    if (!found) throw new Error(`${operation} is not described`);
    return found;
  }

  #resolved(response: DescribedResponse & { readonly $ref?: string }): DescribedResponse {
    const name = response.$ref?.split("/").at(-1);
    return name === undefined ? response : (this.document.components.responses[name] as DescribedResponse);
  }

  #faults(pointer: string, value: unknown): string[] {
    let validate = this.#compiled.get(pointer);
    if (!validate) {
      validate = this.#ajv.compile({ $ref: `openapi${encodeURI(pointer)}` });
      this.#compiled.set(pointer, validate);
    }
    return validate(value) ? [] : [this.#ajv.errorsText(validate.errors)];
  }
}

function pointerTo(operation: string): string {
  const [method = "", path = ""] = operation.split(" ");
  return `#/paths/${path.replaceAll("/", "~1")}/${method}`;
}
