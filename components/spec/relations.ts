import { type Fault, pathOf, shown } from "./error.ts";
import { mountFaults } from "./mount-relations.ts";
import { parseRoute } from "./routes.ts";
import { isName, nameRule } from "./rules.ts";
import { isSecretFileName } from "./secret-shape.ts";
import type { ServiceSketch, Sketch } from "./sketch.ts";
import { choice } from "./suggestion.ts";

// With the namespace, the environment and the suffix that makes it unique, a container's name stays a DNS label.
const NAME_LENGTH = 24;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Checks how the parts of an environment go together. Pure; the file system is checked in files.ts. */
export function relationFaults(environment: Sketch): Fault[] {
  return [
    ...nameFaults("services", environment.services),
    ...nameFaults("volumes", environment.volumes),
    ...Object.entries(environment.services).flatMap(([name, service]) =>
      service === undefined ? [] : serviceFaults(["services", name], service, environment),
    ),
    ...routeFaults(environment),
  ];
}

function serviceFaults(path: readonly string[], service: ServiceSketch, environment: Sketch): Fault[] {
  return [
    ...sourceFaults(path, service),
    ...portFaults(path, service),
    ...healthFaults(path, service),
    ...replacementFaults(path, service),
    ...variableFaults(path, service, environment),
    ...mountFaults(path, service, environment),
    ...secretFaults(path, service),
    ...userFaults(path, service),
    ...accessFaults(path, service),
  ];
}

/** Checks names within an environment. */
export function nameFaults(
  kind: "databases" | "jobs" | "services" | "volumes",
  named: Readonly<Record<string, unknown>>,
): Fault[] {
  return Object.keys(named)
    .filter((name) => !isName(name, NAME_LENGTH))
    .map((name) => fault([kind, name], `must ${nameRule(NAME_LENGTH)}, got ${shown(name)}`));
}

function sourceFaults(path: readonly string[], { build, image }: ServiceSketch): Fault[] {
  if (build !== undefined && image !== undefined) return [fault(path, "must set either build or image, got both")];
  if (build === undefined && image === undefined) return [fault(path, "must set either build or image, got neither")];
  return [];
}

function portFaults(path: readonly string[], { routes, port, health }: ServiceSketch): Fault[] {
  if (routes.length === 0) {
    if (health?.path === undefined || port !== undefined) return [];
    return [fault([...path, "port"], "must be set for a service with health.path, got nothing")];
  }
  const advice = 'add the path that tells whether the program works, such as { path: "/" }';
  return [
    ...(port === undefined ? [fault([...path, "port"], "must be set for a service with routes, got nothing")] : []),
    ...(health === undefined
      ? [fault([...path, "health"], `must be set for a service with routes, got nothing; ${advice}`)]
      : []),
  ];
}

function healthFaults(path: readonly string[], { health, steadySeconds }: ServiceSketch): Fault[] {
  if (!health) return [];
  const place = [...path, "health"];
  const isHttp = health.path !== undefined;
  return [
    ...(isHttp === (health.command !== undefined)
      ? [fault(place, `must set either path or command, got ${isHttp ? "both" : "neither"}`)]
      : []),
    ...(health.host !== undefined && !isHttp ? [fault([...place, "host"], "must not be set without health.path")] : []),
    ...(steadySeconds !== undefined
      ? [fault([...path, "steadySeconds"], "must not be set with health, which decides when a container works")]
      : []),
  ];
}

/** How old and new containers follow each other. */
function replacementFaults(path: readonly string[], service: ServiceSketch): Fault[] {
  const { replicas = 1, rolling, exclusive, sticky, routes } = service;
  const isExclusive = Boolean(exclusive);
  return [
    ...(isExclusive && replicas > 1
      ? [fault([...path, "exclusive"], `must have replicas: 1, got ${replicas}: only one container may run at a time`)]
      : []),
    ...(isExclusive && rolling !== undefined
      ? [fault([...path, "rolling"], "must not be set with exclusive, which replaces the only container")]
      : []),
    ...(!isExclusive && rolling !== undefined && rolling > replicas
      ? [fault([...path, "rolling"], `must be at most replicas = ${replicas}, got ${rolling}`)]
      : []),
    ...(Boolean(sticky) && routes.length === 0
      ? [fault([...path, "sticky"], "must have routes: only a client from outside keeps the cookie")]
      : []),
  ];
}

/** Checks the environment variables of a program. */
export function variableFaults(
  path: readonly string[],
  { env }: Pick<ServiceSketch, "env">,
  { services }: Sketch,
): Fault[] {
  return Object.entries(env).flatMap(([name, link]) => {
    const place = [...path, "env", name];
    const rule = "must be named with letters, digits and _, not beginning with a digit";
    return [
      ...(VARIABLE.test(name) ? [] : [fault(place, `${rule}, got ${shown(name)}`)]),
      ...(link === undefined ? [] : linkFaults(place, link.service, services)),
    ];
  });
}

function linkFaults(path: readonly string[], target: string, services: Sketch["services"]): Fault[] {
  if (!Object.hasOwn(services, target)) {
    const hint = choice(target, Object.keys(services));
    return [fault(path, `must link to a service of this environment, got ${shown(target)}${hint}`)];
  }
  const service = services[target];
  if (service === undefined || service.port !== undefined) return [];
  const advice = `set ${pathOf(["services", target, "port"])}`;
  return [fault(path, `must link to a service with a port, got ${shown(target)}, which has none; ${advice}`)];
}

/** Checks the files of secrets: how they are called, and that no volume lies over them. */
export function secretFaults(
  path: readonly string[],
  { secrets, mounts }: Pick<ServiceSketch, "secrets" | "mounts">,
): Fault[] {
  const names = Object.keys(secrets);
  const rule = "must be named with up to 100 letters, digits and ._-, not ending with .previous";
  const over = Object.entries(mounts).filter(([, mount]) => `${mount?.path ?? ""}/`.startsWith("/run/secrets/"));
  return [
    ...names
      .filter((name) => !isSecretFileName(name))
      .map((name) => fault([...path, "secrets", name], `${rule}, got ${shown(name)}`)),
    ...(names.length === 0 ? [] : over).map(([volume, mount]) =>
      fault(
        [...path, "mounts", volume],
        `must not lie in /run/secrets, where the secrets are, got ${shown(mount?.path)}`,
      ),
    ),
  ];
}

/** Checks that root is asked for twice. */
export function userFaults(path: readonly string[], { user, relax }: Pick<ServiceSketch, "user" | "relax">): Fault[] {
  if (user === undefined || Number.parseInt(user, 10) !== 0 || Boolean(relax?.allowRoot)) return [];
  return [fault([...path, "user"], `must not be root, got ${shown(user)}; relax: { allowRoot: true } permits it`)];
}

function accessFaults(path: readonly string[], { routes }: ServiceSketch): Fault[] {
  return routes.flatMap((route, index) => {
    const limits = ["allow", "users"] as const;
    const [limit] = route?.public === true ? limits.filter((key) => route[key] !== undefined) : [];
    return limit === undefined
      ? []
      : [fault([...path, "routes", index], `must not set both public and ${limit}: public lets everyone in`)];
  });
}

function routeFaults({ domain, port, services }: Sketch): Fault[] {
  if (domain === undefined) return [];
  const first = new Map<string, string>();
  return Object.entries(services).flatMap(([name, service]) =>
    (service?.routes ?? []).flatMap((written, index) => {
      if (written?.at === undefined) return [];
      const route = parseRoute(written.at, domain);
      const place = ["services", name, "routes", index];
      if (port !== undefined && route.host !== domain) {
        const rule = 'must be "@" or "@/path" in an environment with a port, which has one host';
        return [fault(place, `${rule}, got ${shown(written.at)}`)];
      }
      if (route.host.length > 253) {
        return [fault(place, `must make a host of at most 253 characters, got ${route.host.length} characters`)];
      }
      const address = `${route.host}${route.path}`;
      const other = first.get(address);
      if (other !== undefined)
        return [fault(place, `must lead where no other route does, got ${address}, as has ${other}`)];
      first.set(address, pathOf(place));
      return [];
    }),
  );
}

/** A fault at a place that is spelt as the user wrote it. */
export function fault(path: readonly PropertyKey[], message: string): Fault {
  return { path: pathOf(path), message };
}
