// Responsible for: the end of a form that may be refused: why it was, and its buttons.
// Not responsible for: what is refused (the form), or when (useForm.ts).
import { useId } from "react";
import { t } from "../../messages";
import { CodeAlert } from "../parts/Alert";
import { Button } from "../parts/Button";
import { intoView } from "../parts/focus";
import parts from "../parts/parts.module.css";
import css from "./NewMeeting.module.css";
import type { Form } from "./useForm";

interface FormEndProps {
  form: Pick<Form, "refused" | "working">;
  confirm: string;
  /** It cannot be confirmed as it stands. */
  disabled?: boolean;
  /** What goes on, or why nothing does. */
  status?: string | false;
  /** Out of the meeting for now: the button keeps the focus, and the form does nothing. */
  away?: boolean;
  /** Of a long form, its buttons stay at the foot of the window. */
  sticky?: boolean;
  onCancel: () => void;
}

export function FormEnd({
  form: { refused, working },
  confirm,
  disabled = false,
  away = false,
  sticky = false,
  status,
  onCancel,
}: FormEndProps) {
  const id = useId();
  return (
    <>
      {refused && (
        <div key={refused.time} ref={intoView} className={css.refused}>
          <CodeAlert code={refused.code} detail={refused.detail} />
        </div>
      )}
      <div className={`${css.actions} ${sticky ? css.sticky : ""}`}>
        <p id={id} role="status" className={`${parts.hint} ${parts.status}`}>
          {status}
        </p>
        {/* What was pressed is disabled in words only: a button that really is would lose the focus. */}
        <Button aria-disabled={working} onClick={() => working || onCancel()}>
          {t("new.cancel")}
        </Button>
        <Button
          type="submit"
          look="primary"
          disabled={disabled}
          aria-disabled={away || working}
          aria-describedby={id}
        >
          {confirm}
        </Button>
      </div>
    </>
  );
}
