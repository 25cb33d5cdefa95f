import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";

/** Links every small tool that busybox has and the image does not bring itself. */
export async function linkBusybox(root: string): Promise<void> {
  const { stdout } = await execa(join(root, "usr/bin/busybox"), ["--list"]);
  const links = stdout.split("\n").map((name) => symlink("busybox", join(root, "usr/bin", name)));
  // A program that is there already is the better one.
  await Promise.allSettled(links);
}
