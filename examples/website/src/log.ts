import { readdirSync, statSync, unlinkSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { createStream, type RotatingFileStream } from "rotating-file-stream";

/** One JSON line for each entry, on stdout and in a file of its own for each container. */
export interface Log {
  /** Writes one entry with the time before it. Never throws: no log is worth an answer. */
  write: (entry: Record<string, unknown>) => void;
  /** Flushes the file. */
  close: () => Promise<void>;
}

/** How the log files are bounded. */
export interface LogLimits {
  /** Size from which a file is put aside, in KiB. @default 1024 */
  fileKb?: number;
  /** Files that one container keeps aside beside the one that it writes. @default 3 */
  rotatedFiles?: number;
  /** Files of earlier containers on the same volume that a start leaves. @default 8 */
  inheritedFiles?: number;
  /** Where the lines go besides the file. @default - the process's stdout */
  print?: (line: string) => void;
}

const RETRY_AFTER_MS = 60_000;
const MAX_BUFFERED_BYTES = 1 << 20;

/**
 * Opens the log in a folder. A folder that is full or read-only costs the file alone: the fault is printed, stdout goes on,
 * and the file is tried again a minute later.
 */
export function openLog(directory: string, limits: LogLimits = {}): Log {
  const { inheritedFiles = 8, print = printToStdout } = limits;
  let file: RotatingFileStream | undefined;
  let retryAt = 0;

  const say = (entry: Record<string, unknown>): string => {
    const line = `${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`;
    print(line);
    return line;
  };
  const giveUp = (error: Error): void => {
    file = undefined;
    retryAt = Date.now() + RETRY_AFTER_MS;
    say({ level: "warn", message: `no log file for a minute: ${error.message}` });
  };
  const write = (entry: Record<string, unknown>): void => {
    const line = say(entry);
    if (!file && Date.now() >= retryAt) file = openFile(directory, limits).on("error", giveUp);
    if (file && file.writableLength < MAX_BUFFERED_BYTES) file.write(line);
  };
  const close = async (): Promise<void> => {
    const last = file;
    if (last) await new Promise<void>((resolve) => last.once("close", resolve).end());
  };

  removeInherited(directory, inheritedFiles);
  return { write, close };
}

function printToStdout(line: string): void {
  process.stdout.write(line);
}

/** Replicas share the volume, so each writes under its own name: two writers would rotate each other's file away. */
function openFile(directory: string, { fileKb = 1024, rotatedFiles = 3 }: LogLimits): RotatingFileStream {
  return createStream(`access-${hostname()}.log`, { path: directory, size: `${fileKb}K`, rotate: rotatedFiles });
}

/** Every release brings new containers and so new names: without this the volume would fill up release by release. */
function removeInherited(directory: string, keep: number): void {
  try {
    readdirSync(directory)
      .filter((name) => /^access-.*\.log(\.\d+)?$/.test(name))
      .map((name) => join(directory, name))
      .map((path) => ({ path, modified: statSync(path).mtimeMs }))
      .sort((a, b) => b.modified - a.modified)
      .slice(keep)
      .forEach(({ path }) => {
        unlinkSync(path);
      });
  } catch {
    // The folder is not there yet, cannot be written, or another replica was faster: writing will tell.
  }
}
