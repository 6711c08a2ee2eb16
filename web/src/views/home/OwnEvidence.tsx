// Responsible for: how sure it has to be where a server stands: the fields about evidence.
// Not responsible for: evidence itself, or what it is worth (the core).
import { useId } from "react";
import { t } from "../../messages";
import { Choice, Choices } from "../parts/Choices";
import parts from "../parts/parts.module.css";
import type { Part } from "./OwnFence";
import css from "./OwnFence.module.css";
import { Places } from "./Places";
import { SOURCES } from "./policy";

/** More liars than people in a meeting leave nobody to be believed. */
const MOST_LIARS = 50;

export function OwnEvidence({ fields, put }: Part) {
  return (
    <>
      <Choices label={t("own.minimum")} columns>
        {(["stated", "consistent", "proven"] as const).map((minimum) => (
          <Choice
            key={minimum}
            group="minimum"
            label={t(`own.minimum.${minimum}`)}
            checked={fields.minimum === minimum}
            onChoose={() => put({ minimum })}
          >
            {t(`own.minimum.${minimum}.text`)}
          </Choice>
        ))}
      </Choices>
      <Sources fields={fields} put={put} />
      <Places
        label={t("own.exclude")}
        hint={t("own.exclude.hint")}
        chosen={fields.exclude}
        onChange={(exclude) => put({ exclude })}
      />
      <Liars fields={fields} put={put} />
    </>
  );
}

function Sources({ fields: { sources }, put }: Part) {
  const id = useId();
  const others = (kind: string) => sources.filter((one) => one !== kind);
  return (
    <div role="group" aria-labelledby={id} aria-describedby={`${id}-hint`} className={css.places}>
      <h4 id={id}>{t("own.sources")}</h4>
      {SOURCES.map((kind) => (
        <label key={kind} className={css.check}>
          <input
            type="checkbox"
            className={parts.check}
            checked={sources.includes(kind)}
            onChange={(event) =>
              put({ sources: event.target.checked ? [...others(kind), kind] : others(kind) })
            }
          />
          <span>{t(`own.source.${kind}`)}</span>
        </label>
      ))}
      <p id={`${id}-hint`} className={css.hint}>
        {t("own.sources.hint")}
      </p>
    </div>
  );
}

function Liars({ fields: { liars }, put }: Part) {
  const id = useId();
  return (
    <div className={css.places}>
      <label htmlFor={id}>{t("own.liars")}</label>
      <input
        id={id}
        type="number"
        inputMode="numeric"
        className={`${parts.input} ${css.number}`}
        min={0}
        max={MOST_LIARS}
        aria-describedby={`${id}-hint`}
        value={liars}
        onChange={({ target: { valueAsNumber: typed } }) =>
          put({ liars: Number.isNaN(typed) ? 0 : Math.min(MOST_LIARS, Math.max(0, typed | 0)) })
        }
      />
      <p id={`${id}-hint`} className={css.hint}>
        {t("own.liars.hint")}
      </p>
    </div>
  );
}
