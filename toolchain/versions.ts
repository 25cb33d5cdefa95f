import manifest from "../package.json" with { type: "json" };

/** Version of the Pulumi CLI: that of the SDK. */
export const PULUMI_VERSION = manifest.dependencies["@pulumi/pulumi"];

/** Resource plugins of others that the program uses; each belongs to the SDK of the same version. */
export const PLUGIN_VERSIONS: Record<string, string> = {
  docker: manifest.dependencies["@pulumi/docker"],
  random: manifest.dependencies["@pulumi/random"],
  tls: manifest.dependencies["@pulumi/tls"],
};

/** Tells whether version `a` is at least `b`; both begin with dotted numbers. */
export function isAtLeast(a: string, b: string): boolean {
  return a.localeCompare(b, "en", { numeric: true }) >= 0;
}
