import { createHash } from "node:crypto";
import { Readable, Transform } from "node:stream";
import type { TransformCallback, Duplex } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { constants, createZstdCompress, createZstdDecompress } from "node:zlib";
import { Decrypter, Encrypter } from "age-encryption";

const LEVEL = 3;
const BLOCK_BYTES = 256 * 1024;
/** A key that people made up would want more; a generated one has all the chance it needs. */
const SCRYPT_WORK_FACTOR = 15;

/** Ending of a file's name that tells how its content is read. */
export function endingOf(encrypted: boolean): string {
  return encrypted ? ".zst.age" : ".zst";
}

/**
 * Compresses (zstd) and, with a key, encrypts (age) a stream: `age --decrypt FILE | zstd --decompress` reads it without
 * this program.
 */
export async function encode(content: Readable, key: string | undefined): Promise<Readable> {
  const compress = createZstdCompress({
    params: { [constants.ZSTD_c_compressionLevel]: LEVEL, [constants.ZSTD_c_checksumFlag]: 1 },
    chunkSize: BLOCK_BYTES,
  });
  const compressed = passOn(content, compress);
  if (key === undefined) return compressed;
  const encrypter = new Encrypter();
  encrypter.setScryptWorkFactor(SCRYPT_WORK_FACTOR);
  encrypter.setPassphrase(key);
  return fromWeb(await encrypter.encrypt(toWeb(compressed)));
}

/** The reverse of {@link encode}. @throws {Error} when the key is not the one it was encrypted with. */
export async function decode(stored: Readable, key: string | undefined): Promise<Readable> {
  const decompress = createZstdDecompress({ chunkSize: BLOCK_BYTES });
  if (key === undefined) return passOn(stored, decompress);
  const decrypter = new Decrypter();
  decrypter.addPassphrase(key);
  return passOn(fromWeb(await decrypter.decrypt(toWeb(stored))), decompress);
}

/** Lets a stream through and tells of it, once it has passed. */
export class Measure extends Transform {
  private readonly hash: ReturnType<typeof createHash> | undefined;
  /** Bytes so far. */
  size = 0;

  constructor(options: { hashes: boolean }) {
    super({ highWaterMark: BLOCK_BYTES });
    this.hash = options.hashes ? createHash("sha256") : undefined;
  }

  /** Of all that has passed, in hexadecimal digits; once. */
  sha256(): string {
    return this.hash?.digest("hex") ?? "";
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.size += chunk.length;
    this.hash?.update(chunk);
    done(null, chunk);
  }
}

/** Pipes so that a failure of either end ends both; whoever reads the last of a row is told. */
export function passOn<To extends Duplex>(from: Readable, to: To): To {
  from.on("error", (error) => to.destroy(error));
  // It may fail before anybody reads it.
  to.on("error", () => undefined);
  to.on("close", () => from.destroy());
  return from.pipe(to);
}

function toWeb(stream: Readable): ReadableStream<Uint8Array> {
  return Readable.toWeb(stream) as ReadableStream<Uint8Array>;
}

function fromWeb(stream: ReadableStream<Uint8Array>): Readable {
  return Readable.fromWeb(stream);
}
