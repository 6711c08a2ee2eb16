// Responsible for: where a meeting is held and why that is allowed, in a few lines.
// Not responsible for: every detail of it (call/Where.tsx), or deciding it (the core).
import { Shield, ShieldAlert, ShieldCheck } from "lucide-react";
import { t } from "../../messages";
import { placeOf, whereOf, type Place } from "../../state/place";
import { NodeDetails } from "../parts/NodeDetails";
import parts from "../parts/parts.module.css";
import { named } from "../parts/places";
import css from "./PlaceCard.module.css";

export function PlaceCard({ place }: { place: Place }) {
  const { standing } = placeOf(place);
  const Icon = { inside: ShieldCheck, checking: Shield, stopped: ShieldAlert }[standing];
  const words = { inside: "place.may", checking: "place.probe", stopped: "place.maynot" } as const;
  return (
    <section className={`${css.card} ${css[standing]}`} aria-labelledby="place">
      <Icon size={24} aria-hidden />
      <div className={css.body}>
        <h2 id="place">{t("place.heading")}</h2>
        <p>{whereOf(place)}</p>
        <p className={css.soft}>{t(words[standing], { fence: place.fence_name })}</p>
        <details className={css.details}>
          <summary>{t("place.details")}</summary>
          <ul className={`${parts.bullets} ${parts.small}`}>
            {place.sentences.map((sentence) => (
              <li key={sentence}>{named(sentence)}</li>
            ))}
          </ul>
          {place.nodes.map((node) => (
            <NodeDetails key={node.node} node={node} />
          ))}
        </details>
      </div>
    </section>
  );
}
