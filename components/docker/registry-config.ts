/** What the registry's own configuration depends on. */
export interface RegistryConfig {
  /** Path of the file with the users' passwords. */
  passwords: string;
  /** Directory that images are kept in. */
  storage: string;
}

/**
 * The registry's configuration, which is YAML and so may be JSON. It keeps no cache of what it has: that would vouch for
 * blobs that garbage collection has removed, and a push would leave them out.
 */
export function registryConfig({ passwords, storage }: RegistryConfig): string {
  const config = {
    version: 0.1,
    storage: { filesystem: { rootdirectory: storage }, delete: { enabled: true } },
    // Addresses in answers follow whatever name and port a client came by.
    http: { addr: ":5000", relativeurls: true },
    auth: { htpasswd: { realm: "slipway", path: passwords } },
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
