import { shell } from "../proxy/exec.ts";
import { explainReload, RELOAD } from "../proxy/reload.ts";
import type { Runtime } from "../proxy/runtime.ts";
import type { RunningSlot } from "../proxy/runtime-output.ts";
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

const LIST = `cd /etc/slipway/services || exit
for file in *.cfg; do [ ! -e "$file" ] || { printf '%s\\n' "$file"; cat "$file"; printf '\\036'; }; done`;

// The files are moved into place only when HAProxy accepts them together with everyone else's. The mark of a pending
// reload comes first, so that a killed deploy cannot leave a process that runs with older files unnoticed.
const INSTALL = `${RELOAD}unwritable() { echo "cannot write to the proxy's volume: $(df -h /etc/slipway | sed -n '$p')"; exit 1; }
cd /etc/slipway && mkdir -p staging/services || unwritable
for file in services/*.cfg; do
  [ ! -e "$file" ] || [ "$file" = "services/$1" ] || cp "$file" staging/services/ || unwritable
done
[ -z "$2" ] || printf '%s' "$2" >"staging/services/$1" || unwritable
printf '%s' "$3" >staging/hosts.map || unwritable
haproxy -c -f haproxy.cfg -f staging/services 2>&1 || exit
[ "$4" != reload ] || : >reload-pending
if [ -n "$2" ]; then mv -f "staging/services/$1" "services/$1"; else rm -f "services/$1"; fi || exit
mv -f staging/hosts.map hosts.map || exit
rm -rf staging/*
[ ! -e reload-pending ] || reload`;

/** Looks at every service's file and at what the running process does with one of them. */
export async function viewProxy(runtime: Runtime, service: ServiceName): Promise<ProxyView> {
  const [listing, routing] = await Promise.all([shell(runtime.proxy, LIST), runtime.routing(backendName(service))]);
  const files = listing.split("\x1e").slice(0, -1);
  return { ...routing, files: new Map(files.map(parseListed)) };
}

/** The fragments of every service whose file can be read. */
export function fragmentsOf({ files }: ProxyView): Fragment[] {
  return [...files.values()].flatMap(({ fragment }) => fragment ?? []);
}

/**
 * Writes a service's fragment and the map of hosts; for who holds the lock. The running process takes it over when it is
 * reloaded, which happens when asked for, or when an earlier deploy was killed before it could.
 *
 * @returns the map of hosts that was written.
 */
export function installService(
  runtime: Runtime,
  { files, hosts }: ProxyView,
  fragment: Fragment,
  { reloads }: { reloads: boolean },
): Promise<Map<string, string>> {
  const after = new Map(files).set(fragmentFile(fragment), { fragment, intact: true });
  return install(runtime, { files: after, hosts }, fragment, reloads);
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
  await install(runtime, { files: after, hosts }, service, true);
}

async function install(
  runtime: Runtime,
  after: Pick<ProxyView, "files" | "hosts">,
  service: ServiceName,
  reloads: boolean,
): Promise<Map<string, string>> {
  const file = fragmentFile(service);
  const fragment = after.files.get(file)?.fragment;
  const text = fragment ? renderFragment(fragment) : "";
  const hosts = hostsOf(after);
  try {
    await shell(runtime.proxy, INSTALL, file, text, renderHostsMap(hosts), reloads ? "reload" : "");
  } catch (error) {
    await explainReload(runtime, error).catch((explained: unknown) => {
      const reason = explained instanceof Error ? explained.message : String(explained);
      throw new Error(
        `the proxy refuses service "${service.service}" of environment "${service.environment}": ${reason}`,
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
  // What has a port is for neighbours.
  return routed.map(([key]) => key.replace(/\/$/, "")).filter((host) => !host.includes(":"));
}

/** A service whose file someone damaged keeps the hosts that it has, until its own next release. */
function hostsOf({ files, hosts }: Pick<ProxyView, "files" | "hosts">): Map<string, string> {
  const damaged = [...files].filter(([, { fragment }]) => !fragment).map(([file]) => file.replace(/\.cfg$/, ""));
  const kept = [...hosts].filter(([, backend]) => damaged.includes(backend));
  const fragments = [...files.values()].flatMap(({ fragment }) => fragment ?? []);
  return new Map([...kept, ...hostsMap(fragments)]);
}

function parseListed(listed: string): [file: string, ServiceFile] {
  const end = listed.indexOf("\n");
  const content = listed.slice(end + 1);
  const fragment = parseFragment(content);
  return [listed.slice(0, end), { fragment, intact: fragment !== undefined && renderFragment(fragment) === content }];
}
