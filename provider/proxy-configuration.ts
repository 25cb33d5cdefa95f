import type Docker from "dockerode";
import { z } from "zod";
import { dockerOf, unlessGone } from "./docker.ts";
import { runHelper, withHelper } from "./helper.ts";
import { dockerName, label } from "./names.ts";
import { checkInputs } from "./plugin/inputs.ts";
import { changedProperties, defineResource } from "./plugin/resource.ts";
import type { ResourceContext } from "./plugin/resource.ts";
import { PROXY_USER, readFiles, writeFiles } from "./proxy/archive.ts";
import type { ArchiveEntry } from "./proxy/archive.ts";
import { findProxy } from "./proxy/container.ts";
import { shell } from "./proxy/exec.ts";
import { withLock } from "./proxy/lock.ts";
import { reload } from "./proxy/reload.ts";
import { Runtime } from "./proxy/runtime.ts";

const inputs = z.object({
  /** Namespace of the platform that the proxy belongs to. A change replaces. */
  namespace: label,
  /** Volume that the proxy reads, by name. A change replaces. */
  volume: dockerName,
  /** The proxy's image; it checks the configuration before a proxy runs. */
  helperImage: z.string().min(1, "must be an image reference"),
  /** Text of haproxy.cfg: everything but the services. */
  configuration: z.string(),
  /** Certificate, chain and key in PEM, for names that have no certificate of their own. Secret. */
  certificate: z.string(),
});

type ProxyConfigurationPlan = z.output<typeof inputs>;

/** Inputs of {@link proxyConfiguration}. */
export type ProxyConfigurationInputs = z.input<typeof inputs>;

const DIRECTORY = "/etc/slipway";
const CONFIGURATION = "haproxy.cfg";
const CERTIFICATE = "00-default.pem";
// Routes that are there already stay; a proxy cannot start without the file.
const CHECK = `cd ${DIRECTORY} && { [ -e hosts.map ] || : > hosts.map; } && exec haproxy -c -f ${CONFIGURATION} -f services`;
const SWITCH = `cd ${DIRECTORY}/staging || exit
haproxy -c -f ${CONFIGURATION} -f ../services 2>&1 || exit
mv -f ${CONFIGURATION} ../${CONFIGURATION} && mv -f ${CERTIFICATE} ../certs/${CERTIFICATE}`;

/**
 * What the proxy reads before any service is released: its base configuration and its own certificate, put into its
 * volume before it starts for the first time. Changes reach a running proxy by a reload, which loses no request.
 */
export const proxyConfiguration = defineResource({
  inputs,
  state: inputs,
  check: (news) => checkInputs(inputs, news),
  diff(olds, news) {
    // The image is a tool here; the proxy's container has it as an input of its own.
    const changed = changedProperties(olds.inputs, news).filter((key) => key !== "helperImage");
    return { changed, replaces: changed.filter((key) => key === "namespace" || key === "volume") };
  },
  async create(plan, context) {
    await deliver(await dockerOf(context), plan, context);
    return { id: plan.volume, state: plan };
  },
  async update(_id, _olds, plan, context) {
    await deliver(await dockerOf(context), plan, context);
    return plan;
  },
  async read(_id, state, context) {
    const recorded = inputs.parse(state);
    const found = await readBack(await dockerOf(context), recorded);
    if (!found) return undefined;
    // A key that someone put there is none of ours to record.
    const certificate = found.certificate === recorded.certificate ? recorded.certificate : "changed in the proxy";
    const read = { ...recorded, configuration: found.configuration, certificate };
    return { inputs: read, state: read };
  },
});

async function deliver(docker: Docker, plan: ProxyConfigurationPlan, context: ResourceContext): Promise<void> {
  const running = await findProxy(docker, plan.namespace);
  if (running) {
    await withLock(running, context, () => deliverToRunning(running, plan));
    return;
  }
  await withHelper(docker, helperFor(plan), async (helper) => {
    await writeFiles(helper, DIRECTORY, layout(plan));
    await runHelper(helper, "the proxy refuses its configuration");
  });
}

async function deliverToRunning(proxy: Docker.Container, plan: ProxyConfigurationPlan): Promise<void> {
  await writeFiles(proxy, DIRECTORY, [
    { path: `staging/${CONFIGURATION}`, content: plan.configuration },
    { path: `staging/${CERTIFICATE}`, content: plan.certificate, mode: 0o600 },
  ]);
  await shell(proxy, SWITCH);
  await reload(new Runtime(proxy));
}

function layout({ configuration, certificate }: ProxyConfigurationPlan): ArchiveEntry[] {
  return [
    { path: "./" },
    { path: "services/" },
    { path: "staging/", mode: 0o700 },
    { path: "certs/", mode: 0o700 },
    { path: CONFIGURATION, content: configuration },
    { path: `certs/${CERTIFICATE}`, content: certificate, mode: 0o600 },
  ];
}

async function readBack(
  docker: Docker,
  plan: ProxyConfigurationPlan,
): Promise<{ configuration: string; certificate: string } | undefined> {
  // A helper would make the volume anew.
  if (!(await unlessGone(docker.getVolume(plan.volume).inspect()))) return undefined;
  const running = await findProxy(docker, plan.namespace);
  return running ? readFrom(running) : withHelper(docker, helperFor(plan), readFrom);
}

async function readFrom(container: Docker.Container) {
  const configuration = (await readFiles(container, `${DIRECTORY}/${CONFIGURATION}`)).get(CONFIGURATION);
  const certificate = (await readFiles(container, `${DIRECTORY}/certs/${CERTIFICATE}`)).get(CERTIFICATE);
  return configuration === undefined || certificate === undefined ? undefined : { configuration, certificate };
}

function helperFor({ namespace, volume, helperImage }: ProxyConfigurationPlan) {
  return {
    namespace,
    volume,
    path: DIRECTORY,
    image: helperImage,
    command: ["sh", "-c", CHECK] as const,
    user: `${PROXY_USER.uid}:${PROXY_USER.gid}`,
  };
}
