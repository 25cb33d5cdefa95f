import pulumi from "@pulumi/eslint-plugin";
import tseslint from "typescript-eslint";

const resourceInsideApply =
  "CallExpression[callee.property.name='apply'] :matches(NewExpression[callee.type='MemberExpression'])";

export default tseslint.config(
  { ignores: ["node_modules/", ".slipway/", "**/*.js", "**/*.mjs"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    plugins: { "@pulumi": pulumi },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@pulumi/no-output-in-template-literal": "error",
      "@pulumi/no-output-instance-in-template-literal": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unnecessary-condition": ["error", { allowConstantLoopConditions: true }],
      "max-lines": ["error", { max: 300 }],
      "no-restricted-syntax": [
        "error",
        { selector: resourceInsideApply, message: "A resource made inside apply() is missing from previews." },
      ],
    },
  },
  {
    files: ["components/**/*.ts", "index.ts", "stacks/**/*.ts"],
    ignores: ["stacks/settings.ts"],
    rules: {
      "no-restricted-properties": [
        "error",
        { object: "pulumi", property: "Config", message: "Only stacks/settings.ts reads the Pulumi configuration." },
        { object: "process", property: "env", message: "Only stacks/settings.ts reads the environment." },
      ],
    },
  },
);
