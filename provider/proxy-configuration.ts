import { basename } from "node:path";
import type Docker from "dockerode";
import { z } from "zod";
import { connect, unlessGone } from "./engine/engine.ts";
import { runHelper, withHelper } from "./helper.ts";
import type { Helper } from "./helper.ts";
import { dockerName, label } from "./names.ts";
import { checkInputs } from "./plugin/inputs.ts";
import { changedProperties, defineResource } from "./plugin/resource.ts";
import type { ResourceContext } from "./plugin/resource.ts";
import { readFiles, writeFiles } from "./proxy/archive.ts";
import { findProxy } from "./proxy/container.ts";
import { withLock } from "./proxy/lock.ts";
import { reload } from "./proxy/reload.ts";
import { Runtime } from "./proxy/runtime.ts";

const headerHash = z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in lower-case hex");

const inputs = z.object({
  /** Namespace of the platform. */
  namespace: label,
  /** Volume that the proxy has at /etc/slipway, by name. A change replaces. */
  volume: dockerName,
  /** The proxy's own image; it checks the configuration before the proxy gets it. */
  helperImage: z.string().min(1, "must be an image reference"),
  /** Text of haproxy.cfg. */
  configuration: z.string().min(1, "must be the text of haproxy.cfg"),
  /** Certificate, chain and key for names without a certificate of their own, in PEM. Secret. */
  certificate: z.string().min(1, "must hold a certificate and its key in PEM"),
  /** SHA-256, in lower-case hex, of the `Authorization` header that opens the status page. Secret. */
  statusHash: headerHash,
  /** The same of the headers that open the registry for pushes and for pulls; left out where it has none. Secret. */
  registryHashes: z.object({ push: headerHash, pull: headerHash }).optional(),
});

// After a refresh it may hold what is no hash.
const state = inputs.extend({ statusHash: z.string() });

/** Inputs of {@link proxyConfiguration}. */
export type ProxyConfigurationInputs = z.input<typeof inputs>;

type Configuration = z.infer<typeof inputs>;

const CHANGED = "changed in the volume";
// What releases have written stays. Secrets come first: the configuration is checked with them.
const INSTALL = `cd /etc/slipway || exit
for map in hosts.map registry.map; do [ -e $map ] || : >$map; done
mv -f staging/00-default.pem certs/00-default.pem || exit
mv -f staging/*.sha256 . || exit
haproxy -c -f staging/haproxy.cfg -f services || exit
mv -f staging/haproxy.cfg haproxy.cfg`;

/**
 * The proxy's base configuration and default certificate, in its volume before its container starts; a running proxy
 * takes a change over by a reload.
 */
export const proxyConfiguration = defineResource({
  inputs,
  state,
  check: (news) => checkInputs(inputs, news),
  diff(olds, news) {
    // Another image has to accept the configuration before the proxy that runs is replaced by it.
    const changed = changedProperties(olds.inputs, news);
    return { changed, replaces: changed.filter((key) => key === "volume") };
  },
  async create(news, context) {
    await install(news, context);
    return { id: news.volume, state: news };
  },
  async update(_id, _olds, news, context) {
    await install(news, context);
    return news;
  },
  async read(_id, known, context) {
    const recorded = state.parse(known);
    const docker = await connect(context);
    if (!(await unlessGone(docker.getVolume(recorded.volume).inspect()))) return undefined;
    const found = await withHelper(docker, helperFor(recorded), (helper) => look(helper, recorded));
    return found && { inputs: found, state: found };
  },
});

async function install(news: Configuration, context: ResourceContext): Promise<void> {
  const docker = await connect(context);
  const proxy = await findProxy(docker, news.namespace);
  const write = () =>
    withHelper(docker, helperFor(news), async (helper) => {
      // From above the volume, since its own root belongs to the proxy as well.
      await writeFiles(helper, "/etc", [
        { path: "slipway/" },
        { path: "slipway/services/" },
        { path: "slipway/certs/", mode: 0o700 },
        { path: "slipway/staging/", mode: 0o700 },
        { path: "slipway/staging/haproxy.cfg", content: news.configuration },
        { path: "slipway/staging/00-default.pem", content: news.certificate, mode: 0o600 },
        ...Object.entries(hashFiles(news)).map(([name, hash]) => ({
          ...{ path: `slipway/staging/${name}`, content: `${hash}\n`, mode: 0o600 },
        })),
      ]);
      await runHelper(helper, "the proxy refuses its configuration");
    });
  if (!proxy) return write();
  await withLock(proxy, context, async () => {
    await write();
    await reload(new Runtime(proxy));
  });
}

/** What is in the volume, in the form of the inputs; undefined when configuration or certificate is missing. */
async function look(helper: Docker.Container, recorded: Configuration): Promise<Configuration | undefined> {
  const read = async (file: string) => (await readFiles(helper, `/etc/slipway/${file}`)).get(basename(file));
  const [configuration, certificate] = [await read("haproxy.cfg"), await read("certs/00-default.pem")];
  if (configuration === undefined || certificate === undefined) return undefined;
  const hashes = Object.entries(hashFiles(recorded));
  const found = await Promise.all(hashes.map(async ([name, hash]) => (await read(name))?.trim() === hash));
  return {
    ...recorded,
    configuration,
    // A key that someone put there is none of ours to record.
    certificate: certificate === recorded.certificate ? certificate : CHANGED,
    statusHash: found.every(Boolean) ? recorded.statusHash : CHANGED,
  };
}

/** The files that headers are compared with, by name. */
function hashFiles({ statusHash, registryHashes }: Configuration): Record<string, string> {
  return {
    "status.sha256": statusHash,
    ...(registryHashes && { "registry-push.sha256": registryHashes.push, "registry-pull.sha256": registryHashes.pull }),
  };
}

function helperFor({ namespace, helperImage, volume }: Configuration): Helper {
  return { namespace, image: helperImage, volume, path: "/etc/slipway", user: "99:99", command: [INSTALL] };
}
