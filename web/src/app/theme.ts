/** Colours, type, and defaults of the components. Colour is for what needs a person. */
import {
  createTheme,
  mergeThemeOverrides,
  type CSSVariablesResolver,
  type MantineColorsTuple,
} from "@mantine/core";

// White text on shade 8 has a contrast of 5.3 : 1 (WCAG AA needs 4.5).
const brand: MantineColorsTuple = [
  "#e9f8f6",
  "#d3efeb",
  "#a7ded6",
  "#77ccc0",
  "#4fbdae",
  "#35b3a3",
  "#24a797",
  "#159080",
  "#0d7a6f",
  "#04665c",
];

const FONTS =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", ' +
  '"Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

// What explains a field stands below it: the fields of a row stay level with each other.
const BELOW = { defaultProps: { inputWrapperOrder: ["label", "input", "description", "error"] } };

// Mantine's own are too pale for small text on white and on our grey (WCAG AA: 4.5 : 1).
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#5c646c",
    "--mantine-color-placeholder": "#6a727a",
    "--mantine-color-teal-light-color": "#066649",
    "--mantine-color-green-light-color": "#1b6b2e",
    "--mantine-color-orange-light-color": "#9c3505",
    "--mantine-color-yellow-light-color": "#7a4300",
  },
  dark: {},
});

const theme = createTheme({
  colors: { brand },
  primaryColor: "brand",
  primaryShade: { light: 8, dark: 7 },
  fontFamily: FONTS,
  headings: { fontFamily: FONTS, fontWeight: "650" },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  focusRing: "auto",
  components: {
    TextInput: BELOW,
    NumberInput: BELOW,
    PasswordInput: BELOW,
    Select: BELOW,
    MultiSelect: BELOW,
    TagsInput: BELOW,
    Textarea: BELOW,
    FileInput: BELOW,
    Badge: { styles: { root: { flexShrink: 0, minWidth: "max-content" } } },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: true } },
    Menu: { defaultProps: { shadow: "md" } },
  },
});

/** Return the theme with the names of what only has a sign, in the person's language. */
export function themeWith(names: { close: string }) {
  const close = { closeButtonProps: { "aria-label": names.close } };
  return mergeThemeOverrides(
    theme,
    createTheme({
      components: {
        Modal: { defaultProps: { centered: true, ...close } },
        Drawer: { defaultProps: close },
      },
    }),
  );
}
