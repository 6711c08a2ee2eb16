// Responsible for: saving a receipt: what it is, whether one's own place is in it, and how far it has come.
// Not responsible for: making it (MeetingClient).
import { FileCheck } from "lucide-react";
import { useState } from "react";
import { t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import type { State } from "../../state/state";
import { keepReceipt } from "../home/save";
import { CodeAlert } from "../parts/Alert";
import { Button } from "../parts/Button";
import parts from "../parts/parts.module.css";
import { asProblem, type Trouble } from "../parts/trouble";
import css from "./Where.module.css";

interface SaveReceiptProps {
  state: Pick<State, "whereabouts">;
  client: Pick<MeetingClient, "receipt">;
  /** Under a heading of its own; else it has none. */
  heading?: boolean;
}

type Stage =
  { at: "idle" | "working" } | { at: "saved"; name: string } | { at: "failed"; trouble: Trouble };

export function SaveReceipt({ state: { whereabouts }, client, heading = false }: SaveReceiptProps) {
  const [place, setPlace] = useState(false);
  const [stage, setStage] = useState<Stage>({ at: "idle" });
  const working = stage.at === "working";
  const make = async () => {
    setStage({ at: "working" });
    try {
      const file = await client.receipt(place && whereabouts !== null);
      keepReceipt(file);
      setStage({ at: "saved", name: file.name });
    } catch (error) {
      setStage({ at: "failed", trouble: asProblem(error) });
    }
  };
  return (
    <section className={css.receipt}>
      {heading && <h2>{t("receipt.title")}</h2>}
      <p>{t("receipt.text")}</p>
      {whereabouts && (
        <label className={css.tick}>
          <input
            type="checkbox"
            className={parts.check}
            checked={place}
            onChange={(event) => setPlace(event.target.checked)}
          />
          <span>
            {t("receipt.place")}. {t("receipt.place.text")}
          </span>
        </label>
      )}
      <div>
        <Button aria-disabled={working} onClick={() => working || void make()}>
          <FileCheck size={18} aria-hidden />
          {t("receipt.save")}
        </Button>
      </div>
      <p role="status" className={`${parts.hint} ${parts.status}`}>
        {working && t("receipt.working")}
        {stage.at === "saved" && t("receipt.saved", { name: stage.name })}
      </p>
      {stage.at === "failed" && <CodeAlert {...stage.trouble} />}
    </section>
  );
}
