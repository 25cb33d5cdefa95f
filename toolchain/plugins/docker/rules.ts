import type { ContainerArgs, NetworkArgs, RemoteImageArgs, TagArgs, VolumeArgs } from "@pulumi/docker";

/** How one resource type of the official plugin answers a changed input. */
export interface ReplacementRule<Input extends string = string> {
  /** Inputs that only a new object can take over; every other is an update in place. */
  replace: readonly Input[];
  /** Inputs that are sets: their order means nothing. */
  sets: readonly Input[];
  /** `true` fills an unset `name` with `<logical name>-<7 hex digits>`. */
  autoname: boolean;
  /** `ifNamed`: only where the user gave the name, which the old object still holds. */
  deleteBeforeReplace: boolean | "ifNamed";
}

/**
 * The rules of @pulumi/docker 5.2.0, read from its schema.json and from terraform-provider-docker v4.5.0. Since 5.2.0
 * a changed `healthcheck` replaces the container (kreuzwerker/terraform-provider-docker#989).
 * `docker:index/image:Image` is none of them: there, every change is an update.
 */
export const RULES = {
  container: {
    replace: [
      "capabilities",
      "cgroupParent",
      "cgroupnsMode",
      "command",
      "cpus",
      "deviceCgroupRules",
      "deviceRequests",
      "devices",
      "dns",
      "dnsOpts",
      "dnsSearches",
      "domainname",
      "entrypoints",
      "envs",
      "gpus",
      "groupAdds",
      "healthcheck",
      "hostname",
      "hosts",
      "image",
      "ipcMode",
      "labels",
      "logDriver",
      "logOpts",
      "mounts",
      "name",
      "networkMode",
      "networksAdvanced",
      "pidMode",
      "platform",
      "ports",
      "privileged",
      "publishAllPorts",
      "readOnly",
      "runtime",
      "securityOpts",
      "shmSize",
      "stdinOpen",
      "stopSignal",
      "stopTimeout",
      "storageOpts",
      "sysctls",
      "tty",
      "ulimits",
      "uploads",
      "user",
      "usernsMode",
      "volumes",
      "workingDir",
    ],
    sets: [
      "devices",
      "dns",
      "dnsOpts",
      "dnsSearches",
      "envs",
      "groupAdds",
      "hosts",
      "labels",
      "mounts",
      "networksAdvanced",
      "securityOpts",
      "ulimits",
      "uploads",
      "volumes",
    ],
    autoname: true,
    deleteBeforeReplace: true,
  } satisfies ReplacementRule<keyof ContainerArgs>,
  network: {
    replace: [
      "attachable",
      "driver",
      "ingress",
      "internal",
      "ipamConfigs",
      "ipamDriver",
      "ipamOptions",
      "ipv6",
      "labels",
      "name",
      "options",
    ],
    sets: ["ipamConfigs", "labels"],
    autoname: true,
    deleteBeforeReplace: "ifNamed",
  } satisfies ReplacementRule<keyof NetworkArgs>,
  volume: {
    replace: ["driver", "driverOpts", "labels", "name"],
    sets: ["labels"],
    autoname: true,
    deleteBeforeReplace: "ifNamed",
  } satisfies ReplacementRule<keyof VolumeArgs>,
  remoteImage: {
    replace: ["name", "platform", "pullTriggers", "triggers"],
    sets: ["pullTriggers"],
    autoname: false,
    deleteBeforeReplace: false,
  } satisfies ReplacementRule<keyof RemoteImageArgs>,
  tag: {
    replace: ["sourceImage", "tagTriggers", "targetImage"],
    sets: ["tagTriggers"],
    autoname: false,
    deleteBeforeReplace: false,
  } satisfies ReplacementRule<keyof TagArgs>,
};
