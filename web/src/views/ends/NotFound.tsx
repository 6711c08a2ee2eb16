// Responsible for: the page for an address that is none of ours.
// Not responsible for: meetings that do not exist: the server says so with a code.
import { Signpost } from "lucide-react";
import { t } from "../../messages";
import { ButtonLink } from "../parts/Button";
import { Page } from "../parts/Page";

export function NotFound() {
  return (
    <Page title={t("notfound.title")} icon={<Signpost size={28} aria-hidden />}>
      <p>{t("notfound.text")}</p>
      <div>
        <ButtonLink href="/">{t("home.back")}</ButtonLink>
      </div>
    </Page>
  );
}
