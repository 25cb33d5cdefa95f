import { readFiles, writeFiles } from "../proxy/archive.ts";
import { shell } from "../proxy/exec.ts";
import { reload, reloadIsPending } from "../proxy/reload.ts";
import type { Runtime } from "../proxy/runtime.ts";
import { fragmentFile, hostsMap, parseFragment, renderFragment, renderHostsMap } from "./fragment.ts";
import type { Fragment } from "./fragment.ts";

/** A service's file in the proxy's volume. */
export interface ServiceFile {
  /** What its first line says; undefined when that is damaged. */
  fragment: Fragment | undefined;
  /** True when the whole file is as it was written. */
  intact: boolean;
}

/** The files of every service, by file name. */
export type Services = Map<string, ServiceFile>;

// The files are moved into place only when HAProxy accepts them together with everyone else's. The mark of a pending
// reload comes first, so that a killed deploy cannot leave a process that runs with older files unnoticed.
const INSTALL = `cd /etc/slipway || exit
for file in services/*.cfg; do
  [ ! -e "$file" ] || [ "$file" = "services/$1" ] || cp "$file" staging/services/ || exit
done
haproxy -c -f haproxy.cfg -f staging/services 2>&1 || exit
[ "$2" != reload ] || : >reload-pending
if [ -e "staging/services/$1" ]; then mv -f "staging/services/$1" "services/$1"; else rm -f "services/$1"; fi || exit
mv -f staging/hosts.map hosts.map && rm -rf staging/*`;

/** Reads every service's file. */
export async function readServices({ proxy }: Runtime): Promise<Services> {
  const files = await readFiles(proxy, "/etc/slipway/services");
  return new Map([...files].filter(([name]) => name.endsWith(".cfg")).map(([name, content]) => [name, parse(content)]));
}

/** The fragments of every service whose file can be read. */
export function fragmentsOf(services: Services): Fragment[] {
  return [...services.values()].flatMap(({ fragment }) => fragment ?? []);
}

/** Writes a service's fragment and the map of hosts, and reloads when asked to; for who holds the lock. */
export async function installService(runtime: Runtime, fragment: Fragment, reloads: boolean): Promise<void> {
  const services = await readServices(runtime);
  services.set(fragmentFile(fragment), { fragment, intact: true });
  await install(runtime, services, fragment, reloads);
}

/** Makes the running process route the hosts of every service's file; for who holds the lock. */
export async function routeHosts(runtime: Runtime): Promise<void> {
  await runtime.setHosts(await hostsOf(runtime, await readServices(runtime)));
}

/** Removes a service's fragment and its hosts, from the running process as well; for who holds the lock. */
export async function removeService(runtime: Runtime, owner: Pick<Fragment, "environment" | "service">): Promise<void> {
  const services = await readServices(runtime);
  services.delete(fragmentFile(owner));
  await runtime.setHosts(await hostsOf(runtime, services));
  await install(runtime, services, owner, true);
}

async function install(
  runtime: Runtime,
  services: Services,
  owner: Pick<Fragment, "environment" | "service">,
  reloads: boolean,
): Promise<void> {
  const file = fragmentFile(owner);
  const fragment = services.get(file)?.fragment;
  await writeFiles(runtime.proxy, "/etc/slipway", [
    { path: "services/" },
    { path: "staging/", mode: 0o700 },
    { path: "staging/services/" },
    { path: "staging/hosts.map", content: renderHostsMap(await hostsOf(runtime, services)) },
    ...(fragment ? [{ path: `staging/services/${file}`, content: renderFragment(fragment) }] : []),
  ]);
  const reloading = reloads || (await reloadIsPending(runtime));
  await shell(runtime.proxy, INSTALL, file, reloading ? "reload" : "").catch((error: unknown) => {
    throw new Error(
      `the proxy refuses its configuration with service "${owner.service}" of environment "${owner.environment}"; ` +
        `nothing was changed: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
  if (reloading) await reload(runtime);
}

/** A service whose file someone damaged keeps the hosts that it has, until its own next release. */
async function hostsOf(runtime: Runtime, services: Services): Promise<Map<string, string>> {
  const damaged = [...services].filter(([, { fragment }]) => !fragment).map(([file]) => file.replace(/\.cfg$/, ""));
  const kept = damaged.length === 0 ? [] : [...(await runtime.hosts())].filter(([, name]) => damaged.includes(name));
  return new Map([...kept, ...hostsMap(fragmentsOf(services))]);
}

function parse(content: string): ServiceFile {
  const fragment = parseFragment(content);
  return { fragment, intact: fragment !== undefined && renderFragment(fragment) === content };
}
