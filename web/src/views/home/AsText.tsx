// Responsible for: one's own fence as text (TOML): written by hand, from a file, and into one.
// Not responsible for: reading it (the core).
import { FileDown, FileUp } from "lucide-react";
import { useRef, useState } from "react";
import { t } from "../../messages";
import { Button } from "../parts/Button";
import { Block } from "../parts/Field";
import css from "./OwnFence.module.css";
import { keepText } from "./save";
import type { Fences } from "./useFences";

/** Longer than any policy that can be read (bytes). */
const LONGEST = 64 * 1024;

export function AsText({ fences: { policy, setPolicy } }: { fences: Fences }) {
  const [fault, setFault] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const take = async (chosen: File | undefined) => {
    if (!chosen) return;
    const fits = chosen.size <= LONGEST;
    setFault(!fits);
    if (fits) setPolicy(await chosen.text());
  };
  return (
    <div className={css.text}>
      <Block
        label={t("new.fence.own.field")}
        hint={t("own.text.hint")}
        invalid={fault ? t("own.text.long") : undefined}
        rows={9}
        spellCheck={false}
        value={policy}
        onChange={(event) => setPolicy(event.target.value)}
      />
      <div className={css.files}>
        {/* The button is what is seen and named; the field behind it only opens the system's dialog. */}
        <input
          ref={file}
          type="file"
          hidden
          accept=".toml,text/plain"
          onChange={(event) => {
            void take(event.target.files?.[0]);
            // The same file again is a change, too.
            event.target.value = "";
          }}
        />
        <Button onClick={() => file.current?.click()}>
          <FileUp size={18} aria-hidden />
          {t("own.open")}
        </Button>
        <Button onClick={() => keepText("fence.toml", policy)}>
          <FileDown size={18} aria-hidden />
          {t("own.save")}
        </Button>
      </div>
    </div>
  );
}
