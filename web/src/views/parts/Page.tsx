// Responsible for: the quiet page with one thing to say, used before and after calls.
// Not responsible for: the first page and the call, which have layouts of their own.
import type { ReactNode } from "react";
import { Brand } from "./Brand";
import { KeepFocus } from "./KeepFocus";
import css from "./Page.module.css";
import { ThemeSwitch } from "./Theme";

interface PageProps {
  title: string;
  icon?: ReactNode;
  /** The calm red of a refusal. */
  tone?: "ordinary" | "stopped";
  wide?: boolean;
  children: ReactNode;
}

export function Page({ title, icon, tone = "ordinary", wide = false, children }: PageProps) {
  return (
    <KeepFocus className={`${css.page} ${tone === "stopped" ? css.stopped : ""}`}>
      <header className={css.head}>
        <Brand />
        <ThemeSwitch />
      </header>
      <main className={`${css.main} ${wide ? css.wide : ""}`}>
        {icon && <div className={css.icon}>{icon}</div>}
        <h1 tabIndex={-1} data-focus-home>
          {title}
        </h1>
        {children}
      </main>
    </KeepFocus>
  );
}
