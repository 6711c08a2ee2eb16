// Responsible for: the switch between the device's colours, light and dark.
// Not responsible for: the colours (styles/tokens.css).
import { Monitor, Moon, Sun } from "lucide-react";
import { useState } from "react";
import { t } from "../../messages";
import { keep, recall } from "../../stored";
import { Button } from "./Button";

const THEMES = ["system", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];
const KEY = "ringfence.theme";
const icons = { system: Monitor, light: Sun, dark: Moon };

function remembered(): Theme {
  return THEMES.find((theme) => theme === recall("localStorage", KEY)) ?? "system";
}

function wear(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

export function wearRememberedTheme(): void {
  wear(remembered());
}

export function ThemeSwitch() {
  const [theme, setTheme] = useState(remembered);
  const Icon = icons[theme];
  const turn = () => {
    const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";
    wear(next);
    setTheme(next);
    keep("localStorage", KEY, next);
  };
  const label = t("theme.button", { theme: t(`theme.${theme}`) });
  return (
    <Button look="plain" icon aria-label={label} title={label} onClick={turn}>
      <Icon size={20} aria-hidden />
    </Button>
  );
}
