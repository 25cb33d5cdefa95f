import { isIP } from "node:net";
import type Docker from "dockerode";
import { z } from "zod";
import { connect, reasonOf } from "./engine/engine.ts";
import { runHelper, withHelper } from "./helper.ts";
import type { Helper } from "./helper.ts";
import { label } from "./names.ts";
import { checkInputs } from "./plugin/inputs.ts";
import { changedProperties, defineResource } from "./plugin/resource.ts";
import type { ResourceContext } from "./plugin/resource.ts";

const inputs = z.object({
  /** Namespace of the platform; it names the file. A change replaces. */
  namespace: label,
  /** The registry's `host` or `host:port`, as images are named by it. A change replaces. */
  registry: z.string().refine((address) => isIP(address) === 0, "must be a host name, got an address"),
  /** Certificate of the authority that signs for the registry, PEM. */
  certificate: z.string().min(1, "must be a certificate in PEM"),
  /** An image with a shell, which the engine has. */
  helperImage: z.string().min(1, "must be an image reference"),
  /** A user of the registry, by whom the engine proves that it reaches and trusts it. */
  username: z.string(),
  /** Secret. */
  password: z.string(),
});

/** Inputs of {@link engineTrust}. */
export type EngineTrustInputs = z.input<typeof inputs>;

type Trust = z.infer<typeof inputs>;

/** Engines read it anew for each push and pull (docs.docker.com/engine/security/certificates). */
const DIRECTORY = "/etc/docker";
const WRITE = `mkdir -p "certs.d/$1" && printf '%s\\n' "$3" >"certs.d/$1/$2"`;
const REMOVE = `rm -f "certs.d/$1/$2"; rmdir "certs.d/$1" certs.d 2>/dev/null; :`;

/**
 * Makes an engine trust a registry whose certificate a private authority has signed, by a file in `/etc/docker/certs.d` of
 * its machine, and has it sign in. An engine that cannot be told that way and trusts the registry already is content.
 */
export const engineTrust = defineResource({
  inputs,
  state: inputs,
  check: (news) => checkInputs(inputs, news),
  diff(olds, news) {
    const changed = changedProperties(olds.inputs, news);
    return { changed, replaces: changed.filter((key) => key === "namespace" || key === "registry") };
  },
  async create(news, context) {
    await establish(news, context);
    return { id: `${news.namespace}/${news.registry}`, state: news };
  },
  async update(_id, _olds, news, context) {
    await establish(news, context);
    return news;
  },
  async read(_id, state, context) {
    const refusal = await signIn(await connect(context), inputs.parse(state));
    return refusal === undefined ? { state } : undefined;
  },
  async delete(_id, recorded, context) {
    const docker = await connect(context);
    // What could not be written is not there to be removed.
    await run(docker, recorded, REMOVE).catch(() => undefined);
  },
});

async function establish(news: Trust, context: ResourceContext): Promise<void> {
  const docker = await connect(context);
  const unwritten = await run(docker, news, WRITE).then(
    () => undefined,
    (error: unknown) => reasonOf(error),
  );
  const refusal = await signIn(docker, news);
  if (refusal === undefined) return;
  throw new Error(
    `the engine cannot sign in to the registry at ${news.registry}: ${refusal}. Its machine has to resolve that name to ` +
      "the proxy's, and the engine to trust the certificate's authority: it is the output ca of this stack, and belongs " +
      `into ${DIRECTORY}/certs.d/${news.registry}/ca.crt there` +
      (unwritten === undefined ? "" : `, which could not be written: ${unwritten}`),
  );
}

/** Why the engine cannot sign in; undefined when it can. */
async function signIn(docker: Docker, { registry, username, password }: Trust): Promise<string | undefined> {
  return docker.checkAuth({ username, password, serveraddress: registry }).then(
    () => undefined,
    (error: unknown) => reasonOf(error),
  );
}

function run(docker: Docker, trust: Trust, script: string): Promise<void> {
  const helper = helperFor(trust, `cd ${DIRECTORY} && ${script}`);
  return withHelper(docker, helper, (container) => runHelper(container, `cannot write to ${DIRECTORY}`));
}

function helperFor({ namespace, helperImage, registry, certificate }: Trust, script: string): Helper {
  return {
    ...{ namespace, image: helperImage, volume: DIRECTORY, path: DIRECTORY, user: "0:0" },
    command: [script, registry, `slipway-${namespace}.crt`, certificate.trimEnd()],
  };
}
