import type Docker from "dockerode";
import { readFiles, writeFiles } from "./archive.ts";
import { shell } from "./shell.ts";
import { reload } from "./reload.ts";
import type { Runtime } from "./runtime.ts";

const DIRECTORY = "/etc/slipway/certs";
const INSTALL = `cd /etc/slipway || exit
[ ! -e "certs/$1" ] || cp -p "certs/$1" staging/before || exit
mv -f "staging/$1" "certs/$1" || exit
haproxy -c -f haproxy.cfg -f services 2>&1 && exit
if [ -e staging/before ]; then mv -f staging/before "certs/$1"; else rm -f "certs/$1"; fi
exit 1`;
// The key goes from file to socket inside the container, never through a command line. An empty line ends the payload.
const SET_LIVE = `file="${DIRECTORY}/$1"
nc -w 5 127.0.0.1 9999 <<END
set ssl cert $file <<
$(grep -v '^$' "$file")

END
echo "commit ssl cert $file" | nc -w 5 127.0.0.1 9999`;

/** Makes the proxy serve a certificate, without a reload when it only replaces one; for who holds the lock. */
export async function installCertificate(runtime: Runtime, name: string, pem: string): Promise<void> {
  const file = `${name}.pem`;
  await writeFiles(runtime.proxy, "/etc/slipway", [
    { path: "certs/", mode: 0o700 },
    { path: "staging/", mode: 0o700 },
    { path: `staging/${file}`, content: pem, mode: 0o600 },
  ]);
  await shell(runtime.proxy, INSTALL, file);
  const live = await runtime.servesCertificate(`${DIRECTORY}/${file}`);
  if (live && (await shell(runtime.proxy, SET_LIVE, file)).includes("Success!")) return;
  await reload(runtime);
}

/** A certificate's file; undefined when there is none. */
export async function readCertificate(proxy: Docker.Container, name: string): Promise<string | undefined> {
  return (await readFiles(proxy, `${DIRECTORY}/${name}.pem`)).get(`${name}.pem`);
}

/** Makes the proxy serve a certificate no more; for who holds the lock. */
export async function removeCertificate(runtime: Runtime, name: string): Promise<void> {
  const removed = await shell(
    runtime.proxy,
    `cd ${DIRECTORY} && [ -e "$1" ] && rm "$1" && echo removed; :`,
    `${name}.pem`,
  );
  if (removed.trim() === "removed") await reload(runtime);
}
