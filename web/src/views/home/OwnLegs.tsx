// Responsible for: what is stricter for single legs: a card for each, with what it may name.
// Not responsible for: what is wider than the fence (the core says it, and it is not offered here).
import { X } from "lucide-react";
import { useId, useRef } from "react";
import { t } from "../../messages";
import type { FencePreview, Leg, NodeInfo } from "../../state/client";
import parts from "../parts/parts.module.css";
import { Listed, Words } from "./Listed";
import { suggestion, type Part } from "./OwnFence";
import css from "./OwnFence.module.css";
import { Places } from "./Places";
import { ANY, LEGS, type Fields, type LegRule } from "./policy";

const NOTHING: LegRule = { countries: null, law: null, operators: null };
const LONGEST_ID = 64;

interface LegsProps extends Part {
  within: FencePreview["within"] | null;
  node: NodeInfo | null;
}

export function OwnLegs({ fields, put, within, node }: LegsProps) {
  const id = useId();
  const adding = useRef<HTMLSelectElement>(null);
  const { legs } = fields;
  const set = (leg: Leg, rule: LegRule) => put({ legs: { ...legs, [leg]: rule } });
  const take = (leg: Leg) => {
    const { [leg]: _, ...others } = legs;
    put({ legs: others });
    // What had the focus is gone with it.
    adding.current?.focus();
  };
  return (
    <section className={css.places} aria-labelledby={id}>
      <h4 id={id}>{t("own.legs")}</h4>
      <p id={`${id}-hint`} className={css.hint}>
        {t("own.legs.hint")}
      </p>
      {LEGS.map((leg) => {
        const rule = legs[leg];
        const change = (part: Partial<LegRule>) => set(leg, { ...(rule ?? NOTHING), ...part });
        const card = { leg, fields, within, node, change };
        return rule && <LegCard key={leg} {...card} rule={rule} onTake={() => take(leg)} />;
      })}
      <select
        ref={adding}
        className={parts.input}
        aria-label={t("own.legs.add")}
        aria-describedby={`${id}-hint`}
        value=""
        onChange={(event) => set(event.target.value as Leg, NOTHING)}
      >
        <option value="" disabled>
          {t("own.legs.add")}
        </option>
        {LEGS.filter((leg) => legs[leg] === undefined).map((leg) => (
          <option key={leg} value={leg}>
            {legName(leg)}
          </option>
        ))}
      </select>
    </section>
  );
}

const legName = (leg: Leg): string => t("own.leg", { leg, does: t(`role.${leg}`) });

interface CardProps {
  leg: Leg;
  rule: LegRule;
  fields: Fields;
  within: FencePreview["within"] | null;
  node: NodeInfo | null;
  change: (part: Partial<LegRule>) => void;
  onTake: () => void;
}

function LegCard({ leg, rule, fields, within, node, change, onTake }: CardProps) {
  const id = useId();
  const laws = { same: fields.countries, any: fields.countries, list: fields.laws }[fields.law];
  return (
    <div role="group" aria-labelledby={id} className={css.leg}>
      <div className={css.legHead}>
        <h5 id={id}>{legName(leg)}</h5>
        <button type="button" aria-label={t("own.legs.take", { leg })} onClick={onTake}>
          <X size={16} aria-hidden />
        </button>
      </div>
      <Own
        what="countries"
        leg={leg}
        list={rule.countries}
        // As wide as it may be, to be made narrower.
        first={fields.countries}
        onChange={(countries) => change({ countries })}
      >
        {(list) => <Places {...list} within={within?.countries ?? []} />}
      </Own>
      <Own what="law" leg={leg} list={rule.law} first={laws} onChange={(law) => change({ law })}>
        {(list) => <Places {...list} within={within?.law ?? []} />}
      </Own>
      <Own
        what="operators"
        leg={leg}
        list={rule.operators}
        first={fields.operators ?? []}
        onChange={(operators) => change({ operators })}
      >
        {(list) =>
          fields.operators === null ? (
            <Words {...list} maxLength={LONGEST_ID} suggested={suggestion(node)} />
          ) : (
            <Listed
              {...list}
              prompt={t("own.operators.add")}
              nameOf={operatorName}
              offered={[{ label: t("own.operators"), options: fields.operators.map(asOption) }]}
            />
          )
        }
      </Own>
    </div>
  );
}

const operatorName = (id: string): string => (id === ANY ? t("own.operator.any") : id);
const asOption = (value: string) => ({ value, name: value });

interface OwnProps {
  what: "countries" | "law" | "operators";
  leg: Leg;
  list: string[] | null;
  first: string[];
  onChange: (list: string[] | null) => void;
  children: (list: {
    label: string;
    hint: string;
    chosen: string[];
    headed: false;
    onChange: (list: string[]) => void;
  }) => React.ReactNode;
}

/** One thing that a leg may say for itself. */
function Own({ what, leg, list, first, onChange, children }: OwnProps) {
  return (
    <>
      <label className={css.check}>
        <input
          type="checkbox"
          className={parts.check}
          checked={list !== null}
          onChange={(event) => onChange(event.target.checked ? first : null)}
        />
        <span>{t(`own.leg.${what}`)}</span>
      </label>
      {list !== null &&
        children({
          label: t(`own.leg.${what}.list`, { leg }),
          hint: t("own.leg.within"),
          chosen: list,
          headed: false,
          onChange,
        })}
    </>
  );
}
