import { referToPlatform } from "./components/platform-reference.ts";

/** Deploys what the stack file of the current stack declares; its result is what `pulumi stack output` prints. */
export default async () => {
  const platform = referToPlatform();
  const [{ deploy }, { settings }, { loadStackFile }] = await Promise.all([
    import("./components/index.ts"),
    import("./stacks/settings.ts"),
    import("./stacks/shared/stack-file.ts"),
  ]);
  return deploy(await loadStackFile(settings.stack), { ...settings, platform });
};
