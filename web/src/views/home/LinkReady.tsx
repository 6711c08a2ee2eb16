// Responsible for: the link of a meeting just made: to copy, to photograph, to open.
// Not responsible for: the meeting itself, or its owner's key (KeepKey.tsx).
import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { t } from "../../messages";
import type { Admission } from "../../state/events";
import { Button, ButtonLink } from "../parts/Button";
import { Line } from "../parts/Field";
import { KeepKey, type CopyKeys } from "./KeepKey";
import css from "./NewMeeting.module.css";
import { Qr } from "./Qr";

interface LinkReadyProps {
  link: string;
  admission: Admission;
  onCopyKeys: CopyKeys;
}

export function LinkReady({ link, admission, onCopyKeys }: LinkReadyProps) {
  const [copied, setCopied] = useState<"no" | "yes" | "failed">("no");
  const [sealing, setSealing] = useState(false);
  const keep: CopyKeys = async (passphrase) => {
    setSealing(true);
    try {
      return await onCopyKeys(passphrase);
    } finally {
      setSealing(false);
    }
  };
  const copy = () => {
    navigator.clipboard.writeText(link).then(
      () => setCopied("yes"),
      () => setCopied("failed"),
    );
  };
  return (
    <div className={css.ready}>
      <p>{t("new.ready.lead", { admission })}</p>
      <div className={css.link}>
        <Line
          label={t("new.link")}
          value={link}
          readOnly
          autoFocus
          onFocus={(event) => event.target.select()}
        />
        <Button onClick={copy}>
          {copied === "yes" ? <Check size={18} aria-hidden /> : <Copy size={18} aria-hidden />}
          {t("new.copy")}
        </Button>
      </div>
      <p role="status" className={css.status}>
        {copied === "yes" && t("new.copied")}
        {copied === "failed" && t("new.copy.failed")}
      </p>
      <Qr text={link} label={t("new.qr")} />
      <KeepKey onCopy={keep} />
      {/* Another page would take the keys along, and there is no second time. */}
      <ButtonLink
        look="primary"
        large
        wide
        href={link}
        aria-disabled={sealing}
        onClick={(event) => sealing && event.preventDefault()}
      >
        {t("new.open")}
      </ButtonLink>
    </div>
  );
}
