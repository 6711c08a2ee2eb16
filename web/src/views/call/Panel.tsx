// Responsible for: the frame of the one side panel: its name, its close button, the keyboard's way.
// Not responsible for: what is in it.
import { X } from "lucide-react";
import { useEffect, useId, useRef, type ReactNode } from "react";
import { t } from "../../messages";
import { Button } from "../parts/Button";
import css from "./Panel.module.css";

interface PanelProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
}

/** What scrolls can be reached and scrolled with the keyboard, also when nothing in it can be pressed. */
export function PanelBody({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className={css.body} role="region" aria-label={title} tabIndex={0}>
      {children}
    </div>
  );
}

export function SidePanel({ title, onClose, children }: PanelProps) {
  const id = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const panel = heading.current?.closest("aside");
    // A field inside may already have asked for the focus.
    if (!panel?.contains(document.activeElement)) heading.current?.focus();
  }, []);
  return (
    <aside
      className={css.panel}
      aria-labelledby={id}
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <header className={css.head}>
        <h2 id={id} ref={heading} tabIndex={-1} data-focus-home>
          {title}
        </h2>
        <Button look="plain" icon aria-label={t("close")} onClick={onClose}>
          <X size={20} aria-hidden />
        </Button>
      </header>
      {children}
    </aside>
  );
}
