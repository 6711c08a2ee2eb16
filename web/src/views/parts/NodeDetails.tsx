// Responsible for: one server: who runs it, where, what it does, how sure that is, and why it is allowed.
// Not responsible for: deciding it (the core did).
import { Check, FileText, ScanEye, X } from "lucide-react";
import { countryName, exactTime, t, type MessageKey } from "../../messages";
import type { Decision, NodePlace, Reason, SourceWord, Trip } from "../../state/node";
import { townOf } from "../../state/place";
import { degrees, roughly } from "../where/words";
import css from "./NodeDetails.module.css";
import parts from "./parts.module.css";
import { named, placeName } from "./places";

const ROLES = new Set(
  "web signalling keys media relay recording storage log metrics mail identity gateway".split(" "),
);

export function roleWords(role: string): string {
  return ROLES.has(role) ? t(`role.${role}` as MessageKey) : role;
}

interface Props {
  node: NodePlace;
}

export function NodeDetails({ node }: Props) {
  const parents = node.parents.map(({ name, law }) =>
    t("where.law", { name, law: law.map(countryName).join(", ") }),
  );
  const facts: [MessageKey, string][] = [
    ["where.operator", node.operator],
    ["where.parents", parents.join("; ") || t("where.parents.none")],
    ["where.roles", node.roles.map(roleWords).join(", ")],
    ["where.addresses", node.addresses.join(", ")],
  ];
  return (
    <article className={css.node} aria-label={node.name}>
      <header>
        <h3>{node.name}</h3>
        <p>{townOf(node) || t("where.country.none")}</p>
      </header>
      <p className={css.standing} data-standing={node.standing}>
        <strong>{t(`standing.${node.standing}`)}.</strong> {t(`standing.${node.standing}.text`)}
      </p>
      <Facts facts={facts} />
      <Sources sources={node.sources ?? []} />
      <Trips node={node} />
      <Decisions decisions={node.decisions} checked />
      <Decisions decisions={node.decisions} checked={false} />
      <Exactly node={node} />
    </article>
  );
}

function Facts({ facts }: { facts: [MessageKey, string][] }) {
  return (
    <dl className={css.facts}>
      {facts.map(([label, value]) => (
        <div key={label}>
          <dt>{t(label)}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const kindWords = (kind: string): string =>
  kind === "registry" || kind === "geoip" ? t(`source.${kind}`) : kind;

/** Each data set by its name and date, since none of them proves anything. */
function Sources({ sources }: { sources: SourceWord[] }) {
  return (
    <section className={css.evidence}>
      <h4>{t("sources.title")}</h4>
      {sources.length === 0 && <p>{t("sources.none")}</p>}
      <ul>
        {sources.map(({ kind, name, date, address, country }) => (
          <li key={[kind, name, date, address].join(" ")}>
            {country
              ? t("source.says", {
                  kind: kindWords(kind),
                  address,
                  country: countryName(country),
                })
              : t("source.silent", { kind: kindWords(kind), address })}{" "}
            <span className={css.source}>({t("source.dated", { name, date })})</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Trips({ node: { trips = [], excluded = [], not_excluded: open = [] } }: Props) {
  const places = (codes: string[]) => codes.map(placeName).join(", ");
  return (
    <section className={css.evidence}>
      <h4>{t("trips.title")}</h4>
      {trips.length === 0 && <p>{t("trips.none")}</p>}
      <ul>
        {trips.map((trip) => (
          <li key={[trip.observer, trip.address, trip.lat, trip.lon, trip.at].join(" ")}>
            {tripWords(trip)} <span className={css.source}>({exactly(trip)})</span>
            {trip.stale && <strong> {t("trip.stale")}</strong>}
          </li>
        ))}
        {excluded.length > 0 && (
          <li>
            {t("ruled.out")}: {places(excluded)}
          </li>
        )}
        {open.length > 0 && (
          <li>
            {t("ruled.open")}: {places(open)}
          </li>
        )}
      </ul>
    </section>
  );
}

function tripWords({ observer, beacon, name, address, min_ms, km }: Trip): string {
  const said = { ms: roughly(min_ms), km: Math.ceil(km), name: name ?? "", address: address ?? "" };
  if (beacon) return t(beacon === "pinned" ? "trip.beacon" : "trip.stranger", said);
  return t(observer === "you" ? "trip.you" : "trip.other", said);
}

function exactly(trip: Trip): string {
  const { samples, at, radius_km: radius, beacon } = trip;
  const said = { samples, time: exactTime(at), degrees: degrees(trip), radius };
  return t(beacon ? "trip.beacon.exact" : "trip.exact", said);
}

/** One click deeper: what nobody needs to read, and whoever doubts wants to compare. */
function Exactly({ node }: Props) {
  const { coordinates = null } = node;
  const place = coordinates ? degrees(coordinates) : t("exact.coordinates.none");
  return (
    <details className={css.exact}>
      <summary>{t("exact.title")}</summary>
      <Facts
        facts={[
          ["exact.standing", node.standing],
          ["exact.coordinates", place],
          ["where.key", node.node],
        ]}
      />
    </details>
  );
}

/** What was checked and what is only stated are never in one list. */
function Decisions({ decisions, checked }: { decisions: Decision[]; checked: boolean }) {
  const these = decisions.filter((decision) => decision.checked === checked);
  if (these.length === 0) return null;
  const Icon = checked ? ScanEye : FileText;
  return (
    <section className={css.decisions}>
      <h4>
        <Icon size={16} aria-hidden /> {t(checked ? "where.checked" : "where.stated")}
      </h4>
      <p>{t(checked ? "where.checked.text" : "where.stated.text")}</p>
      <ul>
        {these.map((decision) => (
          <li key={decision.role} className={decision.allowed ? css.allowed : css.refused}>
            {decision.allowed ? <Check size={16} aria-hidden /> : <X size={16} aria-hidden />}
            <div>
              <p>
                {roleWords(decision.role)}:{" "}
                <strong>{t(decision.allowed ? "where.allowed" : "where.refused")}</strong>
              </p>
              {decision.reasons.map((reason) => (
                <ReasonLine key={reason.code + reason.text} reason={reason} />
              ))}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function ReasonLine({ reason }: { reason: Reason }) {
  return (
    <p className={css.reason}>
      {named(reason.text)}{" "}
      <span className={css.source}>
        ({t("where.reason", { source: reason.source, rule: reason.rule })})
      </span>{" "}
      <span className={parts.codeTag}>{reason.code}</span>
    </p>
  );
}
