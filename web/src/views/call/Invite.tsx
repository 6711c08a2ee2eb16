// Responsible for: what somebody alone in a meeting needs: the link, to send it.
// Not responsible for: making links.
import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { t } from "../../messages";
import { Button } from "../parts/Button";
import css from "./Stage.module.css";

export function Invite({ link }: { link: string | null }) {
  return (
    <div className={css.invite}>
      <h2>{t("call.alone")}</h2>
      <p>{t(link ? "call.alone.text" : "call.alone.nolink")}</p>
      {link && <CopyLink link={link} />}
    </div>
  );
}

export function CopyLink({ link }: { link: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    navigator.clipboard.writeText(link).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <Button onClick={copy}>
      {copied ? <Check size={18} aria-hidden /> : <Copy size={18} aria-hidden />}
      {t("call.invite")}
      <span role="status">{copied && `· ${t("new.copied")}`}</span>
    </Button>
  );
}
