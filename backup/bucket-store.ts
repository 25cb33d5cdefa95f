import { Readable } from "node:stream";
import { DeleteObjectCommand, GetObjectCommand, S3Client, paginateListObjectsV2 } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import type { BucketConfig } from "./config.ts";
import type { Store } from "./store.ts";

/** Keeps backups in a bucket of S3, or of what speaks like it. */
export class BucketStore implements Store {
  readonly place: string;
  private readonly client: S3Client;
  private readonly bucket: string;
  private readonly prefix: string;

  constructor({ bucket, prefix, region, endpoint, accessKeyId, secretAccessKey }: BucketConfig) {
    this.place = `s3://${bucket}/${prefix}`;
    this.bucket = bucket;
    this.prefix = prefix;
    this.client = new S3Client({
      region,
      credentials: { accessKeyId, secretAccessKey },
      // Servers of one's own seldom have a name for each bucket.
      ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
      // Servers that are not Amazon's seldom know the newer checksums; sha256 is in the manifest.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
    });
  }

  async list(folder: string): Promise<string[]> {
    const names: string[] = [];
    const prefix = this.keyOf(`${folder}/`);
    for await (const { Contents = [] } of paginateListObjectsV2(
      { client: this.client },
      { Bucket: this.bucket, Prefix: prefix, Delimiter: "/" },
    )) {
      names.push(...Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key.slice(prefix.length)])));
    }
    return names.sort();
  }

  /** In parts of 8 MB, which the server puts together at the end; after a failure they are given up. */
  async write(name: string, content: Readable): Promise<void> {
    const params = { Bucket: this.bucket, Key: this.keyOf(name), Body: content };
    await new Upload({ client: this.client, params, partSize: 8 * 1024 * 1024, queueSize: 2 }).done();
  }

  async read(name: string): Promise<Readable> {
    const { Body } = await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: this.keyOf(name) }));
    if (Body instanceof Readable) return Body;
    throw new Error(`${this.place}${name} cannot be read`);
  }

  async remove(name: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: this.keyOf(name) }));
  }

  /** Parts that were never put together are no file; a rule of the bucket's own life cycle removes them. */
  async sweep(): Promise<void> {
    await Promise.resolve();
  }

  private keyOf(name: string): string {
    return `${this.prefix}${name}`;
  }
}
