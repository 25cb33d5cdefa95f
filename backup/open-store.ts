import type { Config } from "./config.ts";
import type { Store } from "./store.ts";

/** Opens the store that is configured. The client of buckets is loaded for buckets alone. */
export async function openStore({ to }: Pick<Config, "to">): Promise<Store> {
  if (to.kind === "directory") {
    const { DirectoryStore } = await import("./directory-store.ts");
    return new DirectoryStore(to.path);
  }
  const { BucketStore } = await import("./bucket-store.ts");
  return new BucketStore(to);
}
