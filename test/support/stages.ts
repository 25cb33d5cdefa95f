/** Seconds that the stages of a release took; undefined where the output does not tell. */
export interface Stages {
  gate: number | undefined;
  switch: number | undefined;
  drain: number | undefined;
}

/** Reads `gate 1.5 s, switch 0.1 s, drain 5.0 s` from the output of a deploy with one release. */
export function stagesOf(output: string): Stages {
  const secondsOf = (stage: string) => {
    const seconds = new RegExp(`\\b${stage} (\\d+(?:\\.\\d+)?) s`).exec(output)?.[1];
    return seconds === undefined ? undefined : Number(seconds);
  };
  return { gate: secondsOf("gate"), switch: secondsOf("switch"), drain: secondsOf("drain") };
}
