// Responsible for: dialogs: focus kept inside, Escape closes, the page behind is inert (React Aria).
// Not responsible for: what they ask.
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { t } from "../../messages";
import { Button } from "./Button";
import css from "./parts.module.css";

interface WindowProps {
  title: string;
  /** "alertdialog" has to be answered: it is not closed by a press beside it. */
  role?: "dialog" | "alertdialog";
  onClose: () => void;
  children: ReactNode;
}

export function Window({ title, role = "dialog", onClose, children }: WindowProps) {
  const asks = role === "alertdialog";
  return (
    <ModalOverlay
      isOpen
      isDismissable={!asks}
      onOpenChange={(open) => !open && onClose()}
      className={css.overlay ?? ""}
    >
      <Modal className={`${css.modal} ${asks ? css.modalSmall : ""}`}>
        <Dialog role={role} className={css.dialog ?? ""}>
          <div className={css.dialogHead}>
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            {!asks && (
              <Button look="plain" icon aria-label={t("close")} onClick={onClose}>
                <X size={20} aria-hidden />
              </Button>
            )}
          </div>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
