// Responsible for: where this person is, if they care to say: chosen, typed, or asked of the browser; and forgotten.
// Not responsible for: what follows from it (the core), or remembering it (net/whereabouts.ts).
import { useRef, useState, type SubmitEvent } from "react";
import { countryName, t } from "../../messages";
import type { MeetingClient } from "../../state/client";
import type { Spot, Whereabouts } from "../../state/node";
import type { State } from "../../state/state";
import { FormEnd } from "../home/FormEnd";
import { useForm, type Check } from "../home/useForm";
import { Button } from "../parts/Button";
import { Choice, Choices } from "../parts/Choices";
import { Line } from "../parts/Field";
import parts from "../parts/parts.module.css";
import { TownChoice } from "./TownChoice";
import type { Town } from "./towns";
import css from "./Where.module.css";
import { whereaboutsOf } from "./words";

const TOWN_KM = 30;
const TYPED_KM = 5;
const hows = ["town", "typed", "browser"] as const;
type How = (typeof hows)[number];

interface YourPlaceProps {
  state: Pick<State, "whereabouts">;
  client: MeetingClient;
}

/** The heading of it in the panel, which is there as soon as the panel is. */
export const YOUR_PLACE = "your-place";

export function goToYourPlace(): void {
  requestAnimationFrame(() => document.getElementById(YOUR_PLACE)?.focus());
}

export function YourPlace({ state: { whereabouts }, client }: YourPlaceProps) {
  const [asking, setAsking] = useState(false);
  const [forgotten, setForgotten] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const close = () => {
    setAsking(false);
    // The form had the focus, and what opens it is there again.
    requestAnimationFrame(() => opener.current?.focus());
  };
  const say = (said: Whereabouts | null) => {
    client.setWhereabouts(said);
    setForgotten(said === null);
    close();
  };
  return (
    <div className={css.said}>
      <div role="status" className={parts.status}>
        {whereabouts ? (
          <>
            <p>
              <strong>{whereaboutsOf(whereabouts)}</strong>
            </p>
            <p>
              {whereabouts.confirmed && `${t("yours.confirmed")} `}
              {t("yours.kept")}
            </p>
          </>
        ) : (
          forgotten && <p>{t("yours.forgotten")}</p>
        )}
      </div>
      <p>{t("yours.why")}</p>
      {asking ? (
        <Form locate={() => client.locate()} onSay={say} onCancel={close} />
      ) : (
        <div className={parts.row}>
          <Button ref={opener} onClick={() => setAsking(true)}>
            {t(whereabouts ? "yours.change" : "yours.say")}
          </Button>
          {whereabouts && <Button onClick={() => say(null)}>{t("yours.forget")}</Button>}
        </div>
      )}
    </div>
  );
}

interface FormProps {
  locate: () => Promise<Spot>;
  onSay: (said: Whereabouts) => void;
  onCancel: () => void;
}

/** Degrees as people write them, with a point or a comma; NaN is none. */
export function angle(text: string, most: number): number {
  const number = text.trim() === "" ? NaN : Number(text.trim().replace(",", ".").replace("−", "-"));
  return Math.abs(number) <= most ? number : NaN;
}

function Form({ locate, onSay, onCancel }: FormProps) {
  const [how, setHow] = useState<How>("town");
  const [town, setTown] = useState<Town | null>(null);
  const [typed, setTyped] = useState({ lat: "", lon: "" });
  const form = useForm<"lat" | "lon">();
  const fields = { lat: useRef<HTMLInputElement>(null), lon: useRef<HTMLInputElement>(null) };
  const [lat, lon] = [angle(typed.lat, 90), angle(typed.lon, 180)];
  const put = (change: Partial<typeof typed>) => {
    setTyped({ ...typed, ...change });
    form.changed();
  };
  const said = async (): Promise<void> => {
    const plain = { town: null, confirmed: false };
    if (how === "browser") onSay({ ...(await locate()), ...plain });
    else if (how === "typed") onSay({ lat, lon, radius_km: TYPED_KM, ...plain });
    else if (town) {
      const name = `${town.name}, ${countryName(town.country)}`;
      onSay({ lat: town.lat, lon: town.lon, radius_km: TOWN_KM, town: name, confirmed: false });
    }
  };
  const submit = (event: SubmitEvent) => {
    const checks: Check<"lat" | "lon">[] =
      how === "typed"
        ? [
            { fault: "lat", wrong: Number.isNaN(lat), field: fields.lat },
            { fault: "lon", wrong: Number.isNaN(lon), field: fields.lon },
          ]
        : [];
    form.submit(event, checks, said);
  };
  return (
    <form className={css.form} onSubmit={submit} noValidate>
      <Choices label={t("yours.legend")}>
        {hows.map((one) => (
          <Choice
            key={one}
            group="whereabouts"
            label={t(`yours.how.${one}`)}
            checked={how === one}
            onChoose={() => {
              setHow(one);
              form.changed();
            }}
          >
            {t(`yours.how.${one}.text`, { km: one === "town" ? TOWN_KM : TYPED_KM })}
          </Choice>
        ))}
      </Choices>
      {how === "town" && <TownChoice town={town} onChoose={setTown} />}
      {how === "typed" &&
        (["lat", "lon"] as const).map((name) => (
          <Line
            key={name}
            ref={fields[name]}
            label={t(`yours.${name}`)}
            hint={t(`yours.${name}.hint`)}
            invalid={form.fault === name ? t(`yours.${name}.invalid`) : undefined}
            value={typed[name]}
            autoComplete="off"
            onChange={(event) => put({ [name]: event.target.value })}
          />
        ))}
      <FormEnd
        form={form}
        confirm={t("yours.use")}
        disabled={how === "town" && town === null}
        status={form.working && t("yours.asking")}
        onCancel={onCancel}
      />
    </form>
  );
}
