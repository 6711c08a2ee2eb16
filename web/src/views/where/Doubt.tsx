// Responsible for: asking, before a server is accused, whether this person is where they said.
// Not responsible for: what their answer leads to (the core).
import { t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import { doubted } from "../../state/place";
import type { State } from "../../state/state";
import { Warning } from "../parts/Alert";
import { Button } from "../parts/Button";
import parts from "../parts/parts.module.css";
import { whereaboutsOf } from "./words";

interface DoubtProps {
  state: State;
  client: MeetingClient;
  /** Leads to where it can be changed, from where that is. */
  onChange?: () => void;
}

/** It is there before it says something, so that it is said. */
export function Doubt({ state, client, onChange }: DoubtProps) {
  const node = doubted(state.place);
  const said = state.whereabouts;
  return (
    <div role="status" className={parts.status}>
      {node && said && !said.confirmed && (
        <Warning
          title={t("doubt.title")}
          more={t("doubt.text", { where: whereaboutsOf(said), node: node.name })}
        >
          <Button onClick={() => client.setWhereabouts({ ...said, confirmed: true })}>
            {t("doubt.yes")}
          </Button>
          {onChange && <Button onClick={onChange}>{t("yours.change")}</Button>}
          <Button onClick={() => client.setWhereabouts(null)}>{t("yours.forget")}</Button>
        </Warning>
      )}
    </div>
  );
}
