import { Readable } from "node:stream";
import { execa } from "execa";

const CONNECT_SECONDS = 5;
const DOWNLOAD_SECONDS = 600;

/** Asks whether an address answers at all within 5 s. */
export async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(CONNECT_SECONDS * 1000) });
    return response.ok;
  } catch {
    return false;
  }
}

/**
 * Unpacks a gzipped tar archive from the network into a directory that exists, without its topmost folder.
 *
 * @throws when the server does not answer within 5 s, refuses, or is not done within 10 min.
 */
export async function unpackFrom(url: string, directory: string): Promise<void> {
  const connect = new AbortController();
  const timer = setTimeout(() => {
    connect.abort(new Error(`no answer within ${CONNECT_SECONDS} s`));
  }, CONNECT_SECONDS * 1000);
  const signal = AbortSignal.any([connect.signal, AbortSignal.timeout(DOWNLOAD_SECONDS * 1000)]);
  const response = await fetch(url, { signal }).finally(() => {
    clearTimeout(timer);
  });
  if (!response.ok || response.body === null) throw new Error(`${url} answered ${response.status}`);
  await execa("tar", ["--extract", "--gzip", "--strip-components=1", "--directory", directory], {
    input: Readable.fromWeb(response.body),
  });
}
