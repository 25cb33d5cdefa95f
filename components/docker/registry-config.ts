/** What the registry's own configuration depends on. */
export interface RegistryConfig {
  /** Path of the file with the users' passwords. */
  passwords: string;
  /** Directory that images are kept in, or bucket. */
  storage: string | BucketConfig;
}

/** A bucket that images are kept in. */
export interface BucketConfig {
  bucket: string;
  region: string;
  /** Address of its server; undefined for Amazon's. */
  endpoint?: string | undefined;
  accessKeyId: string;
  secretAccessKey: string;
}

/**
 * The registry's configuration, which is YAML and so may be JSON. It keeps no cache of what it has: that would vouch for
 * blobs that garbage collection has removed, and a push would leave them out.
 */
export function registryConfig({ passwords, storage }: RegistryConfig): string {
  const config = {
    version: 0.1,
    storage: {
      ...(typeof storage === "string" ? { filesystem: { rootdirectory: storage } } : { s3: s3Of(storage) }),
      delete: { enabled: true },
      // Engines come through the proxy alone and need not reach the bucket.
      redirect: { disable: true },
      // What a push has left that was cut off.
      maintenance: { uploadpurging: { enabled: true, age: "24h", interval: "1h", dryrun: false } },
    },
    // Addresses in answers follow whatever name and port a client came by.
    http: { addr: ":5000", relativeurls: true },
    auth: { htpasswd: { realm: "slipway", path: passwords } },
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

function s3Of({ bucket, region, endpoint, accessKeyId, secretAccessKey }: BucketConfig) {
  const keys = { accesskey: accessKeyId, secretkey: secretAccessKey };
  // Servers other than Amazon's seldom have a name for each bucket.
  return { bucket, region, ...keys, ...(endpoint !== undefined && { regionendpoint: endpoint, forcepathstyle: true }) };
}
