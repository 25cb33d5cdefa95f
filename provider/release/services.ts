import { describe } from "../plugin/describe.ts";
import { shell } from "../proxy/shell.ts";
import { explainReload, RELOAD } from "../proxy/reload.ts";
import type { Runtime } from "../proxy/runtime.ts";
import type { RunningSlot } from "../proxy/runtime-output.ts";
import { isInternal } from "../names.ts";
import { backendName, fragmentFile, hostsMap, parseFragment, renderFragment, renderHostsMap } from "./fragment.ts";
import type { Fragment } from "./fragment.ts";

/** Names a service. */
export type ServiceName = Pick<Fragment, "environment" | "service">;

/** A service's file in the proxy's volume. */
export interface ServiceFile {
  /** What its first line says; undefined when that is damaged. */
  fragment: Fragment | undefined;
  /** True when the whole file is as it was written. */
  intact: boolean;
}

/** What the proxy has, in its files and in its running process. */
export interface ProxyView {
  /** Every service's file, by file name. */
  files: Map<string, ServiceFile>;
  /** The slots of the backend that was asked for; undefined when the process has no such backend. */
  slots: RunningSlot[] | undefined;
  /** Which backend each `host/path/` leads to in the process. */
  hosts: Map<string, string>;
}

// One process for all of the files; each line comes with the name of its file.
const LIST = `cd /etc/slipway/services && { grep -H '' -- *.cfg 2>/dev/null || true; }`;

// Files that a reload is about to read are moved into place only when HAProxy accepts them together with everyone else's.
// Without one, nothing but names of containers has changed in them, and a check costs as much as all the rest. The mark of
// a pending reload comes first, so that a killed deploy cannot leave a process that runs with older files unnoticed.
const INSTALL = `${RELOAD}unwritable() { echo "cannot write to the proxy's volume: $(df -h /etc/slipway | sed -n '$p')"; exit 1; }
cd /etc/slipway && mkdir -p staging/services || unwritable
map=$1 reload=$2 names=; shift 2
for file in services/*.cfg; do [ ! -e "$file" ] || { cp services/*.cfg staging/services/ || unwritable; }; break; done
while [ $# -gt 0 ]; do
  if [ -n "$2" ]; then printf '%s' "$2" >"staging/services/$1" || unwritable; else rm -f "staging/services/$1"; fi
  names="$names $1"; shift 2
done
printf '%s' "$map" >staging/hosts.map || unwritable
if [ "$reload" = reload ] || [ -e reload-pending ]; then haproxy -c -f haproxy.cfg -f staging/services 2>&1 || exit; fi
[ "$reload" != reload ] || : >reload-pending
for name in $names; do
  if [ -e "staging/services/$name" ]; then mv -f "staging/services/$name" "services/$name"; else rm -f "services/$name"; fi || exit
done
mv -f staging/hosts.map hosts.map || exit
rm -rf staging/*
[ ! -e reload-pending ] || reload`;

/** Looks at every service's file and at what the running process does with one of them. */
export async function viewProxy(runtime: Runtime, service: ServiceName): Promise<ProxyView> {
  const [listing, routing] = await Promise.all([shell(runtime.proxy, LIST), runtime.routing(backendName(service))]);
  return { ...routing, files: parseListing(listing) };
}

/** The fragments of every service whose file can be read. */
export function fragmentsOf({ files }: ProxyView): Fragment[] {
  return [...files.values()].flatMap(({ fragment }) => fragment ?? []);
}

/**
 * Writes services' fragments and the map of hosts; for who holds the lock. The running process takes them over when it is
 * reloaded, which happens when asked for, or when an earlier deploy was killed before it could.
 *
 * @returns the map of hosts that was written.
 * @throws {Error} when the proxy refuses them; nothing has changed then.
 */
export function installServices(
  runtime: Runtime,
  { files, hosts }: ProxyView,
  fragments: readonly Fragment[],
  { reloads }: { reloads: boolean },
): Promise<Map<string, string>> {
  const after = new Map(files);
  for (const fragment of fragments) after.set(fragmentFile(fragment), { fragment, intact: true });
  return install(runtime, { files: after, hosts }, fragments, reloads);
}

/** Removes a service's fragment and its hosts, from the running process as well; for who holds the lock. */
export async function removeService(
  runtime: Runtime,
  { files, hosts }: ProxyView,
  service: ServiceName,
): Promise<void> {
  const after = new Map(files);
  after.delete(fragmentFile(service));
  await runtime.setHosts(hosts, hostsOf({ files: after, hosts }));
  await install(runtime, { files: after, hosts }, [service], true);
}

async function install(
  runtime: Runtime,
  after: Pick<ProxyView, "files" | "hosts">,
  services: readonly ServiceName[],
  reloads: boolean,
): Promise<Map<string, string>> {
  const files = services.map(fragmentFile).flatMap((file) => {
    const fragment = after.files.get(file)?.fragment;
    return [file, fragment ? renderFragment(fragment) : ""];
  });
  const hosts = hostsOf(after);
  try {
    await shell(runtime.proxy, INSTALL, renderHostsMap(hosts), reloads ? "reload" : "", ...files);
  } catch (error) {
    await explainReload(runtime, error).catch((explained: unknown) => {
      const names = services.map(({ service }) => `"${service}"`).join(", ");
      throw new Error(
        `the proxy refuses service ${names} of environment "${services[0]?.environment}": ${describe(explained)}`,
      );
    });
  }
  return hosts;
}

/** The hosts that lead to a service now; without a fragment the running process knows. */
export function hostsNow({ files, hosts }: ProxyView, service: ServiceName): string[] {
  const fragment = files.get(fragmentFile(service))?.fragment;
  if (fragment) return fragment.hosts;
  const routed = [...hosts].filter(([, backend]) => backend === backendName(service));
  return routed.map(([key]) => key.replace(/\/$/, "")).filter((host) => !isInternal(host));
}

/** A service whose file someone damaged keeps the hosts that it has, until its own next release. */
function hostsOf({ files, hosts }: Pick<ProxyView, "files" | "hosts">): Map<string, string> {
  const damaged = [...files].filter(([, { fragment }]) => !fragment).map(([file]) => file.replace(/\.cfg$/, ""));
  const kept = [...hosts].filter(([, backend]) => damaged.includes(backend));
  const fragments = [...files.values()].flatMap(({ fragment }) => fragment ?? []);
  return new Map([...kept, ...hostsMap(fragments)]);
}

/** Reads lines of `file:content`; no file's name has a colon. */
function parseListing(listing: string): Map<string, ServiceFile> {
  const contents = new Map<string, string>();
  for (const line of listing.split("\n").slice(0, -1)) {
    const end = line.indexOf(":");
    const file = line.slice(0, end);
    contents.set(file, `${contents.get(file) ?? ""}${line.slice(end + 1)}\n`);
  }
  return new Map([...contents].map(([file, content]) => [file, parseFile(content)]));
}

function parseFile(content: string): ServiceFile {
  const fragment = parseFragment(content);
  return { fragment, intact: fragment !== undefined && renderFragment(fragment) === content };
}
