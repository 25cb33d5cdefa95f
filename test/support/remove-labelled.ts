import type Docker from "dockerode";

/** Removes the containers, networks and volumes that carry a namespace's label. */
export async function removeLabelled(docker: Docker, namespace: string): Promise<void> {
  const filters = { label: [`slipway.namespace=${namespace}`] };
  const containers = await docker.listContainers({ all: true, filters });
  await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
  const networks = await docker.listNetworks({ filters });
  await Promise.all(networks.map(({ Id }) => removeNetwork(docker.getNetwork(Id))));
  const { Volumes: volumes } = await docker.listVolumes({ filters: JSON.stringify(filters) });
  await Promise.all(volumes.map(({ Name }) => docker.getVolume(Name).remove()));
}

/** An engine under load can keep the endpoint of a container that it removed; a network with one is not removed. */
async function removeNetwork(network: Docker.Network): Promise<void> {
  const { Containers: left } = await network.inspect();
  await Promise.all(Object.keys(left ?? {}).map((Container) => network.disconnect({ Container, Force: true })));
  await network.remove();
}
