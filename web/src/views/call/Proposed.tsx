// Responsible for: what a change of the rules would come to, read before the owner's key signs it.
// Not responsible for: the change (Rules.tsx), or working out what it comes to (the core).
import { t } from "../../messages";
import type { Proposal } from "../../state/proposed";
import type { State } from "../../state/state";
import { CodeAlert, Warning } from "../parts/Alert";
import { Button } from "../parts/Button";
import { rulesInWords } from "../parts/Changes";
import parts from "../parts/parts.module.css";
import { named } from "../parts/places";
import css from "../home/NewMeeting.module.css";

interface ProposedProps {
  state: State;
  /** Which question it is the answer to. */
  id: number;
  onBack: () => void;
  onConfirm: (version: number) => void;
}

export function Proposed({ state, id, onBack, onConfirm }: ProposedProps) {
  const answer = state.proposed?.id === id ? state.proposed : null;
  const proposal = answer?.proposal ?? null;
  const away = state.phase !== "in";
  const late = proposal !== null && proposal.version !== state.meeting?.version;
  const can = proposal !== null && proposal.barred === null && !late;
  return (
    <div className={css.form}>
      {answer?.trouble && <CodeAlert {...answer.trouble} />}
      {late && <CodeAlert code="RF3264" detail={t("rules.meanwhile")} />}
      {proposal && !late && <Differs state={state} proposal={proposal} />}
      <div className={`${css.actions} ${css.sticky}`}>
        <p role="status" className={`${parts.hint} ${parts.status}`}>
          {away ? t("away.text") : answer === null && t("rules.working")}
        </p>
        <Button onClick={onBack}>{t("rules.back")}</Button>
        {can && (
          // Disabled in words only: a button that really is would lose the focus.
          <Button
            look="primary"
            aria-disabled={away}
            onClick={() => away || onConfirm(proposal.version)}
          >
            {t("rules.confirm")}
          </Button>
        )}
      </div>
    </div>
  );
}

function Differs({ state, proposal }: { state: State; proposal: Proposal }) {
  const { rules, node, barred } = proposal;
  return (
    <>
      <section className={css.differs} aria-label={t("rules.differs")}>
        <h3>{t("rules.differs")}</h3>
        <ul className={parts.bullets}>
          {rulesInWords(rules).map((words) => (
            <li key={words}>{words}</li>
          ))}
        </ul>
      </section>
      {barred ? (
        <CodeAlert
          code={barred.code}
          detail={named(barred.text)}
          more={<p>{t("rules.barred", { node })}</p>}
        />
      ) : (
        <Follows state={state} proposal={proposal} />
      )}
    </>
  );
}

/** Who would be stopped. */
function Follows({
  state,
  proposal: { node, waits, measured },
}: {
  state: State;
  proposal: Proposal;
}) {
  const others = state.members.filter(({ you }) => !you).length;
  return (
    <section className={css.differs} aria-label={t("rules.follows")}>
      <h3>{t("rules.follows")}</h3>
      <p>{t("rules.stays", { node })}</p>
      {waits.length > 0 && (
        <Warning
          title={t("rules.waits")}
          more={waits.map(({ code, source, text }) => (
            <span key={text}>
              {source}: {named(text)} <span className={parts.codeTag}>{code}</span>
            </span>
          ))}
        />
      )}
      {waits.length === 0 && <p>{t("rules.goes")}</p>}
      {others > 0 && <p>{t(measured ? "rules.others.measured" : "rules.others", { others })}</p>}
    </section>
  );
}
