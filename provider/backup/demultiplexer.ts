import { Transform } from "node:stream";
import type { TransformCallback } from "node:stream";

const HEADER_BYTES = 8;
const STANDARD_ERROR = 2;
/** Enough for what a program complains of at its end. */
const KEPT_CHARACTERS = 8192;

/**
 * Takes a container's standard output out of what the engine sends, and keeps the end of its standard error. Unlike
 * dockerode's own it waits for whoever reads, so that a dump of any size passes through little memory.
 */
export class Demultiplexer extends Transform {
  /** What came last on standard error. */
  complaints = "";
  private pending: Buffer = Buffer.alloc(0);
  private kind = 0;
  /** Bytes of the current frame that have not come yet. */
  private missing = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let rest: Buffer = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    while (rest.length > 0) {
      if (this.missing === 0) {
        if (rest.length < HEADER_BYTES) break;
        this.kind = rest.readUInt8(0);
        this.missing = rest.readUInt32BE(4);
        rest = rest.subarray(HEADER_BYTES);
      }
      const part = rest.subarray(0, this.missing);
      this.missing -= part.length;
      rest = rest.subarray(part.length);
      this.handOn(part);
    }
    this.pending = rest;
    done();
  }

  private handOn(part: Buffer): void {
    if (part.length === 0) return;
    if (this.kind !== STANDARD_ERROR) this.push(part);
    else this.complaints = (this.complaints + part.toString()).slice(-KEPT_CHARACTERS);
  }
}
