import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { labelsFor, toLabels } from "./labels.ts";
import type { Owner } from "./labels.ts";

/** Inputs of {@link Network}. */
export interface NetworkArgs {
  /** Whose network it is. */
  owner: Owner;
  /** True cuts containers off from everything outside; the proxy still reaches them. A change replaces. @default false */
  sealed?: boolean;
  /** True lets the platform's proxy join, also a later one. A change replaces. @default false */
  proxied?: boolean;
  /** Name on the engine. A change replaces. @default - one of its own, as Pulumi makes it */
  name?: string;
}

/**
 * A network of one environment: its containers reach each other by service name and no other environment.
 *
 * Creates `${name}-network`.
 */
export class Network extends pulumi.ComponentResource {
  /** Name on the engine. */
  readonly networkName: pulumi.Output<string>;

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:docker:Network", name, {}, opts);

    const network = new docker.Network(
      `${name}-network`,
      {
        name: args.name,
        internal: args.sealed ?? false,
        labels: [
          ...labelsFor(args.owner),
          ...toLabels({ "slipway.proxy": args.proxied ? args.owner.namespace : undefined }),
        ],
      },
      { parent: this },
    );

    this.networkName = network.name;
    this.registerOutputs({ networkName: this.networkName });
  }
}
