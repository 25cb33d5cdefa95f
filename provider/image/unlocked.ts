/** A command that installs what no lock file names. */
export interface Unlocked {
  /** Lines below the instruction's first one. */
  offset: number;
  /** The command, cut where it is long. */
  command: string;
  /** What to do. */
  advice: string;
}

interface Installer {
  command: RegExp;
  /** True when its arguments name exact versions or a lock file. */
  isLocked: (args: string) => boolean;
  advice: string;
}

const LONGEST = 60;

const INSTALLERS: readonly Installer[] = [
  {
    command: /^npm\s+(?:install|i|add)\b/,
    isLocked: (args) => packagesIn(args).length > 0 && packagesIn(args).every((name) => /.@v?\d/.test(name)),
    advice: "npm ci takes what package-lock.json says",
  },
  {
    command: /^yarn(?:\s+install)?(?=\s+-|\s*$)/,
    isLocked: (args) => /--(frozen-lockfile|immutable)\b/.test(args),
    advice: "yarn install --immutable takes what yarn.lock says",
  },
  {
    command: /^pnpm\s+(?:install|i)\b/,
    isLocked: (args) => /--frozen-lockfile\b/.test(args),
    advice: "pnpm install --frozen-lockfile takes what pnpm-lock.yaml says",
  },
  {
    command: /^(?:python3?\s+-m\s+)?pip3?\s+install\b/,
    isLocked: (args) =>
      /(^|\s)(-r|--requirement|--require-hashes)\b/.test(args) ||
      (packagesIn(args).length > 0 && packagesIn(args).every((name) => name.includes("=="))),
    advice: "pip install --require-hashes -r requirements.txt takes what that file says",
  },
  {
    command: /^bundle\s+install\b/,
    isLocked: (args) => /--(frozen|deployment)\b/.test(args),
    advice: "bundle config set frozen true makes it take what Gemfile.lock says",
  },
  {
    command: /^composer\s+(?:update|require)\b/,
    isLocked: () => false,
    advice: "composer install takes what composer.lock says",
  },
  {
    command: /^go\s+(?:install|get)\b/,
    isLocked: (args) => packagesIn(args).every((name) => !name.includes("@") || /@v\d/.test(name)),
    advice: "name a version, such as …@v1.2.3",
  },
  {
    command: /^cargo\s+install\b/,
    isLocked: (args) => /--locked\b/.test(args),
    advice: "cargo install --locked takes what Cargo.lock says",
  },
];

/**
 * Finds the commands of a RUN instruction that install whatever is newest. Packages of distributions are left out: their
 * mirrors drop old versions, and the base image's digest is what pins them.
 */
export function unlockedIn(run: string): Unlocked[] {
  // The same length, so that an index is one of the text as it was written.
  const text = run.replace(/\\[ \t]*\n/g, (end) => " ".repeat(end.length));
  const found: Unlocked[] = [];
  for (const { 0: part, index } of text.matchAll(/[^;&|\n]+/g)) {
    const lead = /^\s*(?:RUN\s+)?(?:--\w+=\S+\s+)*(?:(?:\w+=\S*|sudo|exec|then|do|\()\s+)*/i.exec(part)?.[0] ?? "";
    const command = part.slice(lead.length).trim();
    const installer = INSTALLERS.find((each) => each.command.test(command));
    if (!installer || installer.isLocked(command.replace(installer.command, ""))) continue;
    const offset = run.slice(0, index + lead.length).split("\n").length - 1;
    found.push({ offset, command: shortened(command), advice: installer.advice });
  }
  return found;
}

function packagesIn(args: string): string[] {
  return args.split(/\s+/).filter((word) => word !== "" && !word.startsWith("-"));
}

function shortened(command: string): string {
  const line = command.replace(/\s+/g, " ");
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
