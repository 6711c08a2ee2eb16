// Responsible for: the mark of the product, as a way back to the first page.
// Not responsible for: the icon of the tab (public/icon.svg).
import { t } from "../../messages";
import css from "./parts.module.css";

export function Brand() {
  return (
    <a href="/" className={css.brand}>
      <svg width="24" height="24" viewBox="0 0 24 24" aria-hidden>
        <circle cx="12" cy="12" r="9" fill="none" stroke="currentColor" strokeWidth="3" />
        <circle cx="12" cy="12" r="3" fill="currentColor" />
      </svg>
      {t("brand")}
    </a>
  );
}
