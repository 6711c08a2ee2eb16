// Responsible for: saying why there is no camera or microphone, how to allow it here, and trying again.
// Not responsible for: what went wrong (the client names it by a code).
import type { ReactNode } from "react";
import { t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import { CodeAlert } from "../parts/Alert";
import { Button } from "../parts/Button";
import { family } from "./browser";
import css from "./Devices.module.css";

/** What the browser's own settings can mend. */
const REFUSED = ["RF6205", "RF6206", "RF6207"];
/** Nothing to try again: this page gets no devices at all. */
const HOPELESS = "RF6203";

interface DeviceTroubleProps {
  codes: string[];
  client: MeetingClient;
  children?: ReactNode;
}

export function DeviceTrouble({ codes, client, children }: DeviceTroubleProps) {
  return codes.map((code) => (
    <CodeAlert key={code} code={code}>
      {REFUSED.includes(code) && (
        <p className={css.allow}>
          <strong>{t("devices.allow")}:</strong>{" "}
          {t(`devices.allow.${family(navigator.userAgent, navigator.maxTouchPoints)}`)}
        </p>
      )}
      {code !== HOPELESS && (
        <Button onClick={() => client.retryDevices()}>{t("devices.retry")}</Button>
      )}
      {children}
    </CodeAlert>
  ));
}
