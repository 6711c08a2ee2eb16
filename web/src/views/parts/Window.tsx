// Responsible for: dialogs: focus kept inside, Escape closes, the page behind is inert (React Aria).
// Not responsible for: what they ask.
import { X } from "lucide-react";
import { createContext, useContext, useLayoutEffect, useState, type ReactNode } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { t } from "../../messages";
import { Button } from "./Button";
import { KeepFocus } from "./KeepFocus";
import css from "./parts.module.css";

const Hold = createContext<(held: boolean) => void>(() => undefined);

/** Nothing closes the window around it while it holds: what goes on there would go on unseen. */
export function useHold(held: boolean): void {
  const hold = useContext(Hold);
  // Before the page is shown: an effect after that would swallow an Escape by whoever is quick.
  useLayoutEffect(() => {
    hold(held);
    return () => hold(false);
  }, [hold, held]);
}

interface WindowProps {
  title: string;
  /** "alertdialog" has to be answered: it is not closed by a press beside it. */
  role?: "dialog" | "alertdialog";
  /** A press beside it does not close it: what would be lost cannot be had again. */
  firm?: boolean;
  /** The id of what is read with the title: what is asked. */
  describedBy?: string;
  onClose: () => void;
  children: ReactNode;
}

export function Window({
  title,
  role = "dialog",
  firm = false,
  describedBy,
  onClose,
  children,
}: WindowProps) {
  const asks = role === "alertdialog";
  const [held, setHeld] = useState(false);
  const close = () => held || onClose();
  return (
    <ModalOverlay
      isOpen
      isDismissable={!asks && !firm}
      onOpenChange={(open) => open || close()}
      className={css.overlay ?? ""}
    >
      <Modal className={`${css.modal} ${asks ? css.modalSmall : ""}`}>
        <Dialog role={role} className="" {...(describedBy && { "aria-describedby": describedBy })}>
          <KeepFocus className={css.dialog}>
            <div className={css.dialogHead}>
              <Heading slot="title" level={2} tabIndex={-1} data-focus-home>
                {title}
              </Heading>
              {!asks && (
                <Button
                  look="plain"
                  icon
                  aria-label={t("close")}
                  aria-disabled={held}
                  onClick={close}
                >
                  <X size={20} aria-hidden />
                </Button>
              )}
            </div>
            <Hold value={setHeld}>{children}</Hold>
          </KeepFocus>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
