import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** Where the toolchain reads and writes. All paths are absolute. */
export interface Places {
  /** The checkout of this project. */
  repository: string;
  /** What one checkout owns and git ignores. */
  local: string;
  /** The default state backend. */
  state: string;
  /** Pulumi's home: plugins and the selected stack. */
  pulumiHome: string;
  /** The passphrase of the default state backend. */
  passphrase: string;
  /** The certificate authority that `npm start` leaves for curl and browsers. */
  ca: string;
  /** Bundled plugins of this checkout. */
  bundles: string;
  /** What is the same for every checkout on this machine. */
  cache: string;
  /** Compiled code that Node keeps between runs. */
  compileCache: string;
}

/** The checkout that this file belongs to. */
export const REPOSITORY = resolve(import.meta.dirname, "..");

/** Finds the places of a checkout: the cache is `SLIPWAY_CACHE`, or `slipway` in the user's cache directory. */
export function placesOf(repository: string, environment: NodeJS.ProcessEnv): Places {
  const userCache = environment.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  const cache = resolve(environment.SLIPWAY_CACHE ?? join(userCache, "slipway"));
  const local = join(repository, ".slipway");
  return {
    repository,
    local,
    state: join(local, "state"),
    pulumiHome: join(local, "pulumi"),
    passphrase: join(local, "passphrase"),
    ca: join(local, "ca.pem"),
    bundles: join(local, "bundles"),
    cache,
    compileCache: join(cache, "compile"),
  };
}
