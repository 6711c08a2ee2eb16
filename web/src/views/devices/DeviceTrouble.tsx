// Responsible for: saying why there is no camera or microphone, how to allow it here, and trying again.
// Not responsible for: what went wrong (the client names it by a code).
import { t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import { CodeAlert } from "../parts/Alert";
import { Button } from "../parts/Button";
import { family } from "./browser";

/** What the browser's own settings can mend. */
const REFUSED = ["RF6205", "RF6206", "RF6207"];
/** Nothing to try again: this page gets no devices at all. */
const HOPELESS = "RF6203";

interface DeviceTroubleProps {
  codes: string[];
  client: MeetingClient;
  /** Offered where the trouble can be put away. */
  onUnderstood?: (code: string) => void;
}

export function DeviceTrouble({ codes, client, onUnderstood }: DeviceTroubleProps) {
  return codes.map((code) => (
    <CodeAlert key={code} code={code} more={REFUSED.includes(code) && <HowToAllow />}>
      {code !== HOPELESS && (
        <Button onClick={() => client.retryDevices()}>{t("devices.retry")}</Button>
      )}
      {onUnderstood && <Button onClick={() => onUnderstood(code)}>{t("alert.dismiss")}</Button>}
    </CodeAlert>
  ));
}

function HowToAllow() {
  return (
    <p>
      <strong>{t("devices.allow")}:</strong>{" "}
      {t(`devices.allow.${family(navigator.userAgent, navigator.maxTouchPoints)}`)}
    </p>
  );
}
