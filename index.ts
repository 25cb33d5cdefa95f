import { deploy } from "./components/index.ts";
import { settings } from "./stacks/settings.ts";
import { loadStackFile } from "./stacks/shared/stack-file.ts";

/** Deploys what the stack file of the current stack declares; its result is what `pulumi stack output` prints. */
export default async () => deploy(await loadStackFile(settings.stack), settings);
