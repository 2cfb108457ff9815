/**
 * Direction of imports: shared (lib, components, generated) -> features -> app.
 * No feature imports a feature, nothing imports in a circle, no barrel files.
 */
import { existsSync, readdirSync } from "node:fs";
import js from "@eslint/js";
import checkFile from "eslint-plugin-check-file";
import { importX } from "eslint-plugin-import-x";
import { createTypeScriptImportResolver } from "eslint-import-resolver-typescript";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";

const features = existsSync("src/features") ? readdirSync("src/features") : [];

const zones = [
  ...features.map((name) => ({
    target: `./src/features/${name}`,
    from: "./src/features",
    except: [`./${name}`],
    message: "A feature does not import a feature; share through src/lib or src/components.",
  })),
  { target: "./src/features", from: "./src/app", message: "Features do not know the app." },
  {
    target: ["./src/lib", "./src/components", "./src/generated"],
    from: ["./src/features", "./src/app"],
    message: "Shared code does not know features or the app.",
  },
];

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/generated"] },
  js.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [...tseslint.configs.strict, jsxA11y.flatConfigs.recommended],
    plugins: { "import-x": importX, "react-hooks": reactHooks, "check-file": checkFile },
    languageOptions: { globals: { ...globals.browser } },
    settings: {
      "import-x/resolver-next": [createTypeScriptImportResolver({ project: "./tsconfig.json" })],
    },
    rules: {
      ...reactHooks.configs.recommended.rules,
      "import-x/no-restricted-paths": ["error", { zones }],
      "import-x/no-cycle": "error",
      "check-file/filename-naming-convention": [
        "error",
        { "**/*.{ts,tsx}": "KEBAB_CASE" },
        { ignoreMiddleExtensions: true },
      ],
      "check-file/folder-naming-convention": ["error", { "src/**/": "KEBAB_CASE" }],
      complexity: ["error", 14],
      "max-lines": ["error", 500],
      "max-lines-per-function": ["error", { max: 140, skipBlankLines: true, skipComments: true }],
      "max-params": ["error", 5],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
    },
  },
  {
    files: ["**/*.test.{ts,tsx}", "src/testing/**"],
    rules: { "max-lines-per-function": "off" },
  },
  { files: ["scripts/*.mjs", "*.js", "*.cjs"], languageOptions: { globals: globals.node } },
);
