import type { ThemeConfig } from "antd";
import { theme } from "antd";

/** The tokens of tokens.css in Ant Design's terms. Ant Design's own blue fails AA on white (4.10:1); ours is 5.84:1. */
export function antTheme(dark: boolean, still: boolean): ThemeConfig {
  return {
    algorithm: dark ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      colorPrimary: dark ? "#4468d8" : "#2f5bd7",
      colorPrimaryHover: dark ? "#3a5bc4" : "#2549ad",
      colorPrimaryActive: dark ? "#3350ad" : "#1f3e96",
      colorInfo: dark ? "#4468d8" : "#2f5bd7",
      colorLink: dark ? "#8aa6f5" : "#2f5bd7",
      colorText: dark ? "#e8eaee" : "#1b1f26",
      colorTextSecondary: dark ? "#a9b0bb" : "#5b6470",
      colorTextPlaceholder: dark ? "#98a0ac" : "#656d79",
      colorBorder: dark ? "#343a44" : "#dfe2e7",
      colorBgContainer: dark ? "#1a1d22" : "#ffffff",
      colorError: dark ? "#f2a19b" : "#b3261e",
      // What stands over the page is told from it by its ground.
      ...(dark ? { colorBgElevated: "#22262d" } : {}),
      borderRadius: 6,
      fontSize: 13,
      controlHeight: 30,
      controlHeightSM: 24,
      controlHeightLG: 38,
      fontFamily: "var(--font)",
      motionDurationMid: "0.15s",
      motionDurationSlow: "0.18s",
      boxShadow: "none",
      // Where nothing moves, lists and dialogs must not wait for the end of a movement to open and close.
      motion: !still,
    },
    components: {
      Button: {
        primaryShadow: "none",
        defaultShadow: "none",
        ...(dark
          ? {
              defaultHoverColor: "#8aa6f5",
              defaultHoverBorderColor: "#8aa6f5",
              defaultActiveColor: "#8aa6f5",
              defaultActiveBorderColor: "#8aa6f5",
            }
          : {}),
      },
      // The track is told from the page and from a dialog alike.
      ...(dark ? { Segmented: { trackBg: "#2b3038", itemSelectedBg: "#434a56", itemHoverBg: "#343a44" } } : {}),
      // What stands in a drawer has the page's ground, as its own bars have.
      Drawer: { colorBgElevated: dark ? "#1a1d22" : "#ffffff" },
      // The primary colour of dark buttons is too dark for words.
      Tabs: {
        itemSelectedColor: dark ? "#8aa6f5" : "#2f5bd7",
        itemHoverColor: dark ? "#8aa6f5" : "#2f5bd7",
        inkBarColor: dark ? "#8aa6f5" : "#2f5bd7",
      },
    },
  };
}
