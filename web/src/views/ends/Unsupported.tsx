// Responsible for: saying that this browser cannot seal a call, and which can.
// Not responsible for: finding that out (net/).
import { MonitorX } from "lucide-react";
import { t } from "../../messages";
import { CodeAlert } from "../parts/Alert";
import { Page } from "../parts/Page";
import parts from "../parts/parts.module.css";

const INSECURE = "RF6002";

export function Unsupported({ code }: { code: string }) {
  const insecure = code === INSECURE;
  return (
    <Page
      title={t(insecure ? "insecure.title" : "unsupported.title")}
      icon={<MonitorX size={28} aria-hidden />}
    >
      <p>{t(insecure ? "unsupported.insecure" : "unsupported.text")}</p>
      <CodeAlert code={code} />
      {!insecure && (
        <section>
          <h2>{t("unsupported.works")}</h2>
          <ul className={parts.bullets}>
            <li>{t("unsupported.chromium")}</li>
            <li>{t("unsupported.firefox")}</li>
            <li>{t("unsupported.safari")}</li>
          </ul>
        </section>
      )}
    </Page>
  );
}
