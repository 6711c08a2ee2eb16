// Responsible for: who stands at the door, for a host to admit or deny, without covering the call.
// Not responsible for: what admitting does (the client).
import { t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import type { Knock } from "../../state/events";
import { Button } from "../parts/Button";
import css from "./Call.module.css";

export function Knocks({ knocks, client }: { knocks: Knock[]; client: MeetingClient }) {
  return (
    <div className={css.door} aria-live="polite">
      {knocks.length > 0 && (
        <section
          className={css.knocks}
          aria-label={t("knocks.title")}
          tabIndex={-1}
          data-focus-home
        >
          <ul>
            {knocks.map((knock) => (
              <Knocker key={knock.id} knock={knock} client={client} />
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Knocker({ knock: { id, name }, client }: { knock: Knock; client: MeetingClient }) {
  return (
    <li>
      <p>{t("knocks.text", { name })}</p>
      <div>
        <Button aria-label={t("knocks.deny.name", { name })} onClick={() => client.deny(id)}>
          {t("knocks.deny")}
        </Button>
        <Button
          look="primary"
          aria-label={t("knocks.admit.name", { name })}
          onClick={() => client.admit(id)}
        >
          {t("knocks.admit")}
        </Button>
      </div>
    </li>
  );
}
