/** That of package.json, to which a test holds it. Files and kernels carry it. */
export const VERSION = "0.1.0";
