// Responsible for: saying that this browser cannot seal a call, and which can.
// Not responsible for: finding that out (net/).
import { MonitorX } from "lucide-react";
import { t } from "../../messages";
import { CodeAlert } from "../parts/Alert";
import { Page } from "../parts/Page";
import css from "./Stopped.module.css";

const INSECURE = "RF6002";

export function Unsupported({ code }: { code: string }) {
  return (
    <Page title={t("unsupported.title")} icon={<MonitorX size={28} aria-hidden />}>
      <p>{t(code === INSECURE ? "unsupported.insecure" : "unsupported.text")}</p>
      <CodeAlert code={code} />
      {code !== INSECURE && (
        <section>
          <h2>{t("unsupported.works")}</h2>
          <ul className={css.list}>
            <li>{t("unsupported.chromium")}</li>
            <li>{t("unsupported.firefox")}</li>
            <li>{t("unsupported.safari")}</li>
          </ul>
        </section>
      )}
    </Page>
  );
}
