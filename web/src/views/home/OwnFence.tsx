// Responsible for: one's own fence, put together from fields or written as text.
// Not responsible for: what it allows (the core), or the fences there are to choose from (FencePicker.tsx).
import { t } from "../../messages";
import type { NodeInfo } from "../../state/client";
import { Choice, Choices } from "../parts/Choices";
import { Line } from "../parts/Field";
import parts from "../parts/parts.module.css";
import { AsText } from "./AsText";
import { Words } from "./Listed";
import { OwnEvidence } from "./OwnEvidence";
import css from "./OwnFence.module.css";
import { OwnLegs } from "./OwnLegs";
import { OwnSays } from "./OwnSays";
import { Places } from "./Places";
import { written, type Fields } from "./policy";
import type { Fences } from "./useFences";

/** The longest id of an operator, and the length of a node's key. */
const LONGEST_ID = 64;
const KEY_LETTERS = 43;

/** Fields of a fence, and how they are changed. */
export interface Part {
  fields: Fields;
  put: (change: Partial<Fields>) => void;
}

export function OwnFence({ fences, node }: { fences: Fences; node: NodeInfo | null }) {
  const { policy, fields, setFields, last } = fences;
  const byHand = policy !== written(fields);
  const put = (change: Partial<Fields>) => setFields({ ...fields, ...change });
  const part = { fields, put };
  return (
    // data-wide: the window around it may be wider, so that what it says is beside the fields.
    <div className={css.own} data-wide>
      <div className={css.fields}>
        {byHand && <p className={parts.hint}>{t("own.byhand")}</p>}
        <Line
          label={t("own.name")}
          value={fields.name}
          maxLength={60}
          autoComplete="off"
          onChange={(event) => put({ name: event.target.value })}
        />
        <Places
          label={t("own.countries")}
          hint={t("own.countries.hint")}
          chosen={fields.countries}
          onChange={(countries) => put({ countries })}
        />
        <Operators {...part} node={node} />
        <Law {...part} />
        <OwnEvidence {...part} />
        <Nodes {...part} node={node} />
        <OwnLegs {...part} within={last?.within ?? null} node={node} />
        <AsText fences={fences} />
      </div>
      <OwnSays fences={fences} />
    </div>
  );
}

export function suggestion(node: NodeInfo | null) {
  if (node === null) return null;
  const { id: value, name } = node.operator;
  return { value, text: t("own.operators.here", { name, id: value }) };
}

function Operators({ fields, put, node }: Part & { node: NodeInfo | null }) {
  const { operators } = fields;
  return (
    <>
      <Choices label={t("own.operator")} columns>
        <Choice
          group="operators"
          label={t("own.operator.any")}
          checked={operators === null}
          onChoose={() => put({ operators: null })}
        >
          {t("own.operator.any.text")}
        </Choice>
        <Choice
          group="operators"
          label={t("own.operator.list")}
          checked={operators !== null}
          onChoose={() => put({ operators: operators ?? [] })}
        >
          {t("own.operator.list.text")}
        </Choice>
      </Choices>
      {operators !== null && (
        <Words
          label={t("own.operators")}
          hint={t("own.operators.hint")}
          chosen={operators}
          maxLength={LONGEST_ID}
          suggested={suggestion(node)}
          onChange={(now) => put({ operators: now })}
        />
      )}
    </>
  );
}

function Nodes({ fields: { nodes }, put, node }: Part & { node: NodeInfo | null }) {
  const others = nodes.filter((key) => key !== node?.node);
  const here = node !== null && nodes.includes(node.node) ? [node.node] : [];
  return (
    <>
      {node && (
        <label className={css.check}>
          <input
            type="checkbox"
            className={parts.check}
            checked={here.length > 0}
            onChange={(event) =>
              put({ nodes: event.target.checked ? [node.node, ...others] : others })
            }
          />
          <span>{t("own.here")}</span>
        </label>
      )}
      <details className={css.more} open={others.length > 0}>
        <summary>{t("own.nodes.more")}</summary>
        <Words
          label={t("own.nodes")}
          hint={t("own.nodes.hint")}
          chosen={others}
          maxLength={KEY_LETTERS}
          onChange={(now) => put({ nodes: [...here, ...now] })}
        />
      </details>
    </>
  );
}

function Law({ fields, put }: Part) {
  return (
    <>
      <Choices label={t("own.law")} hint={t("own.law.hint")} columns>
        {(["same", "any", "list"] as const).map((law) => (
          <Choice
            key={law}
            group="law"
            label={t(`own.law.${law}`)}
            checked={fields.law === law}
            onChoose={() => put({ law })}
          >
            {t(`own.law.${law}.text`)}
          </Choice>
        ))}
      </Choices>
      {fields.law === "list" && (
        <Places
          label={t("own.laws")}
          hint={t("own.laws.hint")}
          chosen={fields.laws}
          onChange={(laws) => put({ laws })}
        />
      )}
    </>
  );
}
