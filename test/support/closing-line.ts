import type { Reporter, TestModule } from "vitest/node";

/** Ends a run's output with `N passed, N failed, N skipped`, which tools read without knowing vitest. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    const count = (state: string) => states.filter((it) => it === state).length;
    // A file that cannot be loaded has no tests that could fail.
    const broken = modules.filter((module) => module.state() === "failed" && module.errors().length > 0).length;
    console.log(`${count("passed")} passed, ${count("failed") + broken} failed, ${count("skipped")} skipped`);
  }
}
