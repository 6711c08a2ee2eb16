// Responsible for: a question before something is done to somebody: its consequences are read with it.
// Not responsible for: doing it.
import { useId } from "react";
import { t } from "../../messages";
import { Button } from "../parts/Button";
import parts from "../parts/parts.module.css";
import { Window } from "../parts/Window";

interface AskProps {
  title: string;
  text: string;
  yes: string;
  danger?: boolean;
  /** Out of the meeting for now: it cannot be done, and what was asked then would be lost. */
  away: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

export function Ask({ title, text, yes, danger = false, away, onConfirm, onClose }: AskProps) {
  const id = useId();
  const confirm = () => {
    if (away) return;
    onConfirm();
    onClose();
  };
  return (
    <Window role="alertdialog" title={title} describedBy={id} onClose={onClose}>
      <p id={id}>{text}</p>
      <p role="status" className={parts.status}>
        {away && t("away.text")}
      </p>
      <div className={`${parts.row} ${parts.rowEnd}`}>
        <Button autoFocus onClick={onClose}>
          {t("remove.cancel")}
        </Button>
        {/* Disabled in words only: a button that really is would lose the focus. */}
        <Button look={danger ? "danger" : "primary"} aria-disabled={away} onClick={confirm}>
          {yes}
        </Button>
      </div>
    </Window>
  );
}
