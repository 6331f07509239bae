/** What scripts of tests and benchmarks use of the module of the Workers runtime. */
declare module "cloudflare:workers" {
  export class DurableObject {
    constructor(state: unknown, env: unknown);
  }
}
