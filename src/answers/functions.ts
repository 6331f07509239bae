/** The kernels' exp and log, which give the same bits in every runtime. */
export interface Functions {
  exp64(x: number): number;
  log64(x: number): number;
}
