const cell = new Int32Array(new SharedArrayBuffer(4));

/**
 * CPU time of this thread, µs: of another program on the core it counts nothing, nor of other threads' work. Linux
 * brings it up to date at its ticks, 4 ms apart, and when a thread goes to sleep: so it sleeps a moment.
 */
export function threadMicroseconds(): number {
  Atomics.wait(cell, 0, 0, 0.01);
  const { user, system } = process.threadCpuUsage();
  return user + system;
}
