// Responsible for: the choice of who comes in by the link alone, and who has to be let in.
// Not responsible for: what follows from it (the form).
import { t } from "../../messages";
import type { Admission } from "../../state/events";
import { Choice, Choices } from "../parts/Choices";

interface WhoCanJoinProps {
  admission: Admission;
  onChoose: (admission: Admission) => void;
}

export function WhoCanJoin({ admission, onChoose }: WhoCanJoinProps) {
  return (
    <Choices label={t("new.admission")} columns>
      {(["link", "lobby"] as const).map((way) => (
        <Choice
          key={way}
          group="admission"
          label={t(`new.admission.${way}`)}
          checked={admission === way}
          onChoose={() => onChoose(way)}
        >
          {t(`new.admission.${way}.text`)}
        </Choice>
      ))}
    </Choices>
  );
}
