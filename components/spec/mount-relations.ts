import { type Fault, pathOf, shown } from "./error.ts";
import type { ServiceSketch, Sketch } from "./sketch.ts";
import { choice } from "./suggestion.ts";

/** With these, or with what is in them, a container takes over the machine that it runs on. */
const GUARDED = [
  ...["/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/root", "/run", "/sbin", "/sys", "/usr"],
  ...["/var/lib/containerd", "/var/lib/docker", "/var/run"],
];

type Program = Pick<ServiceSketch, "mounts" | "memoryMb" | "relax">;
type SketchedMount = NonNullable<Program["mounts"][string]>;

/** Checks where volumes, directories and memory appear in a program's container. */
export function mountFaults(path: readonly string[], program: Program, { volumes }: Sketch): Fault[] {
  const first = new Map<string, string>();
  return Object.entries(program.mounts).flatMap(([name, mount]) => {
    const place = [...path, "mounts", name];
    // What is wrong by itself may well have been meant for a volume, and is told of as such.
    const faults =
      mount === undefined ? volumeFaults(place, name, volumes) : kindFaults(place, name, mount, program, volumes);
    if (mount?.path === undefined) return faults;
    const other = first.get(mount.path);
    if (other === undefined) first.set(mount.path, name);
    else {
      const taken = pathOf([...path, "mounts", other]);
      faults.push(fault(place, `must have a path of its own, got ${shown(mount.path)}, as has ${taken}`));
    }
    return faults;
  });
}

function kindFaults(
  place: readonly string[],
  name: string,
  mount: SketchedMount,
  program: Program,
  volumes: Sketch["volumes"],
): Fault[] {
  const { directory, sizeMb, readOnly, mode, owner } = mount;
  if (directory !== undefined && sizeMb !== undefined) {
    return [fault(place, "must set either directory or sizeMb, got both")];
  }
  if (sizeMb !== undefined) {
    const { memoryMb = 256 } = program;
    return [
      ...ownName(place, name, volumes),
      ...(readOnly === undefined
        ? []
        : [fault([...place, "readOnly"], "must not be set with sizeMb: memory begins empty")]),
      ...(typeof sizeMb !== "number" || sizeMb < memoryMb
        ? []
        : [
            fault(
              [...place, "sizeMb"],
              `must be less than memoryMb = ${memoryMb}, against which it counts, got ${sizeMb}`,
            ),
          ]),
    ];
  }
  const only = [mode === undefined ? [] : ["mode"], owner === undefined ? [] : ["owner"]].flat();
  const elsewhere = only.map((key) =>
    fault([...place, key], `must not be set without sizeMb: ${pathOf(["volumes", name, key])} is for a volume`),
  );
  if (directory === undefined) return [...volumeFaults(place, name, volumes), ...elsewhere];
  return [...ownName(place, name, volumes), ...elsewhere, ...directoryFaults(place, directory, program)];
}

function directoryFaults(place: readonly string[], directory: unknown, { relax }: Program): Fault[] {
  if (typeof directory !== "string" || relax?.hostDirectories?.includes(directory)) return [];
  const within = (inner: string, outer: string) => `${inner}/`.startsWith(outer === "/" ? "/" : `${outer}/`);
  const guarded = GUARDED.find((each) => within(directory, each) || within(each, directory));
  if (guarded === undefined) return [];
  const reach =
    directory === guarded ? "" : within(directory, guarded) ? `, which lies in ${guarded}` : `, which holds ${guarded}`;
  const danger = "a container takes over the machine with that";
  const permission = `relax: { hostDirectories: [${JSON.stringify(directory)}] } permits it`;
  return [
    fault(
      [...place, "directory"],
      `must be no directory of the system, got ${shown(directory)}${reach}: ${danger}; ${permission}`,
    ),
  ];
}

function volumeFaults(place: readonly string[], name: string, volumes: Sketch["volumes"]): Fault[] {
  if (Object.hasOwn(volumes, name)) return [];
  return [
    fault(place, `must be a volume of this environment, got ${shown(name)}${choice(name, Object.keys(volumes))}`),
  ];
}

/** A directory under the name of a volume would hide that the volume is not there. */
function ownName(place: readonly string[], name: string, volumes: Sketch["volumes"]): Fault[] {
  if (!Object.hasOwn(volumes, name)) return [];
  return [
    fault(
      place,
      `must have a name of its own, as it is no volume, got ${shown(name)}, as has ${pathOf(["volumes", name])}`,
    ),
  ];
}

function fault(path: readonly string[], message: string): Fault {
  return { path: pathOf(path), message };
}
