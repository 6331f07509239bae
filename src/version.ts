/** The version of package.json, which a test compares. Files and kernels carry it. */
export const VERSION = "0.41.0";
