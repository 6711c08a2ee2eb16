// Responsible for: the one look of buttons and of links that act like them.
// Not responsible for: the round buttons of the call's toolbar (call/Toolbar.tsx).
import type { ComponentProps } from "react";
import css from "./parts.module.css";

type Look = "ordinary" | "primary" | "danger" | "plain";

interface Shape {
  look?: Look;
  large?: boolean;
  wide?: boolean;
  /** Only an icon is inside: give an aria-label. */
  icon?: boolean;
}

function classes({ look = "ordinary", large, wide, icon }: Shape): string {
  const names = [css.button];
  if (look !== "ordinary") names.push(css[look]);
  if (large) names.push(css.large);
  if (wide) names.push(css.wide);
  if (icon) names.push(css.icon);
  return names.join(" ");
}

type ButtonProps = Shape & Omit<ComponentProps<"button">, "className">;

export function Button({ look, large, wide, icon, type = "button", ...rest }: ButtonProps) {
  const shape = { look, large, wide, icon } as Shape;
  return <button type={type} className={classes(shape)} {...rest} />;
}

type LinkProps = Shape & Omit<ComponentProps<"a">, "className">;

export function ButtonLink({ look, large, wide, icon, ...rest }: LinkProps) {
  const shape = { look, large, wide, icon } as Shape;
  return <a className={classes(shape)} {...rest} />;
}
