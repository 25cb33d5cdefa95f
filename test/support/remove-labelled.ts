import type Docker from "dockerode";

/** Removes the containers, networks and volumes that carry a namespace's label. */
export async function removeLabelled(docker: Docker, namespace: string): Promise<void> {
  const filters = { label: [`slipway.namespace=${namespace}`] };
  const containers = await docker.listContainers({ all: true, filters });
  await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
  await removeNetworks(docker, filters.label);
  const { Volumes: volumes } = await docker.listVolumes({ filters: JSON.stringify(filters) });
  await Promise.all(volumes.map(({ Name }) => docker.getVolume(Name).remove()));
}

/** Removes networks by label. An engine under load can keep the endpoint of a container that it removed, and with it the network. */
export async function removeNetworks(docker: Docker, label: string[]): Promise<void> {
  const networks = await docker.listNetworks({ filters: { label } });
  await Promise.all(
    networks.map(async ({ Id }) => {
      const network = docker.getNetwork(Id);
      const { Containers: left } = await network.inspect();
      await Promise.all(Object.keys(left ?? {}).map((Container) => network.disconnect({ Container, Force: true })));
      await network.remove();
    }),
  );
}
