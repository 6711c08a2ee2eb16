// Responsible for: who runs this server, in which country, its version and what it logs.
// Not responsible for: checking any of it: before a meeting there is no fence to check against.
import { countryName, t } from "../../messages";
import type { NodeInfo } from "../../state/client";
import css from "./Home.module.css";

export function ServerFooter({ node, failed }: { node: NodeInfo | null; failed: boolean }) {
  if (!node) {
    return <footer className={css.foot}>{!failed && <p>{t("home.footer.loading")}</p>}</footer>;
  }
  const country = node.country
    ? t("home.footer.country", {
        country: [node.place, countryName(node.country)].filter(Boolean).join(", "),
      })
    : t("home.footer.nocountry");
  return (
    <footer className={css.foot}>
      <p>
        {t("home.footer.runs", { operator: node.operator.name })} {country}
      </p>
      <p>{t("home.footer.logs")}</p>
      <p>
        {node.name} · {t("home.footer.version", { version: node.version })}
      </p>
    </footer>
  );
}
