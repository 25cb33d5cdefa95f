import * as pulumi from "@pulumi/pulumi";

/** Resources besides the stack itself, which Pulumi registers on its own. */
const count = Number(process.env.BARE_RESOURCES) - 1;

for (let index = 1; index <= count; index++) new pulumi.ComponentResource("bare:index:Nothing", `nothing-${index}`);
