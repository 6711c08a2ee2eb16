// Responsible for: one's own fence, put together from fields or written as text; what it says, in sentences.
// Not responsible for: what it allows (the core), or the fences there are to choose from (FencePicker.tsx).
import { useRef, useState, type ReactNode } from "react";
import { FileDown, FileUp } from "lucide-react";
import { t } from "../../messages";
import type { NodeInfo } from "../../state/client";
import { CodeAlert } from "../parts/Alert";
import { Button } from "../parts/Button";
import { Choice, Choices } from "../parts/Choices";
import { Block, Line } from "../parts/Field";
import parts from "../parts/parts.module.css";
import css from "./OwnFence.module.css";
import { Places } from "./Places";
import { named } from "../parts/places";
import { written, type Fields } from "./policy";
import { keepText } from "./save";
import type { Fences } from "./useFences";

/** Longer than any policy that can be read (bytes). */
const LONGEST = 64 * 1024;

export function OwnFence({ fences, node }: { fences: Fences; node: NodeInfo | null }) {
  const { policy, fields, setFields, chosen } = fences;
  const byHand = policy !== written(fields);
  const put = (change: Partial<Fields>) => setFields({ ...fields, ...change });
  return (
    <div className={css.own}>
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
      {node && <ThisServer node={node} fields={fields} put={put} />}
      <Law fields={fields} put={put} />
      <Sure fields={fields} put={put} />
      <Places
        label={t("own.exclude")}
        hint={t("own.exclude.hint")}
        chosen={fields.exclude}
        onChange={(exclude) => put({ exclude })}
      />
      <Sentences>
        {chosen.trouble && <CodeAlert {...chosen.trouble} />}
        {chosen.preview?.sentences.map((sentence) => (
          <li key={sentence}>{named(sentence)}</li>
        ))}
      </Sentences>
      <AsText fences={fences} />
    </div>
  );
}

interface Part {
  fields: Fields;
  put: (change: Partial<Fields>) => void;
}

function ThisServer({ node, fields, put }: Part & { node: NodeInfo }) {
  return (
    <label className={css.check}>
      <input
        type="checkbox"
        className={parts.check}
        checked={fields.nodes.includes(node.node)}
        onChange={(event) => put({ nodes: event.target.checked ? [node.node] : [] })}
      />
      <span>{t("own.here")}</span>
    </label>
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

function Sure({ fields, put }: Part) {
  return (
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
  );
}

function Sentences({ children }: { children: ReactNode }) {
  return (
    <section className={css.says} aria-label={t("own.says")}>
      <h4>{t("own.says")}</h4>
      <ul className={`${parts.bullets} ${parts.small}`}>{children}</ul>
    </section>
  );
}

function AsText({ fences: { policy, setPolicy } }: { fences: Fences }) {
  const [fault, setFault] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const take = async (chosen: File | undefined) => {
    if (!chosen) return;
    const fits = chosen.size <= LONGEST;
    setFault(!fits);
    if (fits) setPolicy(await chosen.text());
  };
  return (
    <div className={css.text}>
      <Block
        label={t("new.fence.own.field")}
        hint={t("own.text.hint")}
        invalid={fault ? t("own.text.long") : undefined}
        rows={9}
        spellCheck={false}
        value={policy}
        onChange={(event) => setPolicy(event.target.value)}
      />
      <div className={css.files}>
        {/* The button is what is seen and named; the field behind it only opens the system's dialog. */}
        <input
          ref={file}
          type="file"
          hidden
          accept=".toml,text/plain"
          onChange={(event) => {
            void take(event.target.files?.[0]);
            // The same file again is a change, too.
            event.target.value = "";
          }}
        />
        <Button onClick={() => file.current?.click()}>
          <FileUp size={18} aria-hidden />
          {t("own.open")}
        </Button>
        <Button onClick={() => keepText("fence.toml", policy)}>
          <FileDown size={18} aria-hidden />
          {t("own.save")}
        </Button>
      </div>
    </div>
  );
}
