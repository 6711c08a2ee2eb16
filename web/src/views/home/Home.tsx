// Responsible for: the first page: the promise, a new meeting, a link, recent meetings, who runs this.
// Not responsible for: making a meeting (NewMeeting.tsx) or importing one (ImportMeeting.tsx).
import { FileKey, Plus, ScanEye, ShieldCheck, LockKeyhole } from "lucide-react";
import { useEffect, useRef, useState, type SubmitEvent } from "react";
import { dayOf, t } from "../../messages";
import type { Directory, NodeInfo, RecentMeeting } from "../../state/client";
import { CodeAlert } from "../parts/Alert";
import { Brand } from "../parts/Brand";
import { Button } from "../parts/Button";
import { Line } from "../parts/Field";
import { asProblem, type Trouble } from "../parts/trouble";
import { ThemeSwitch } from "../parts/Theme";
import css from "./Home.module.css";
import { ImportMeeting } from "./ImportMeeting";
import { isMeetingLink } from "./link";
import { NewMeeting } from "./NewMeeting";
import { Ring } from "./Ring";
import { ServerFooter } from "./ServerFooter";

const points = [
  { icon: ShieldCheck, title: "home.point.fence", text: "home.point.fence.text" },
  { icon: ScanEye, title: "home.point.check", text: "home.point.check.text" },
  { icon: LockKeyhole, title: "home.point.sealed", text: "home.point.sealed.text" },
] as const;

export function Home({ directory }: { directory: Directory }) {
  const [open, setOpen] = useState<"new" | "import" | null>(null);
  const [node, setNode] = useState<NodeInfo | null>(null);
  const [recent, setRecent] = useState<RecentMeeting[]>([]);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  useEffect(() => {
    let gone = false;
    const fail = (error: unknown) => gone || setTrouble(asProblem(error));
    directory.node().then((info) => gone || setNode(info), fail);
    return () => {
      gone = true;
    };
  }, [directory]);
  // Again when a dialog closes: it may have added one.
  useEffect(() => {
    let gone = false;
    const fail = (error: unknown) => gone || setTrouble(asProblem(error));
    if (open === null) directory.recent().then((list) => gone || setRecent(list), fail);
    return () => {
      gone = true;
    };
  }, [directory, open]);
  const close = () => setOpen(null);
  return (
    <div className={css.page}>
      <header className={css.head}>
        <Brand />
        <ThemeSwitch />
      </header>
      <main className={css.main}>
        <section className={css.hero}>
          <h1>{t("home.promise")}</h1>
          <p className={css.lead}>{t("home.lead")}</p>
          {trouble && (
            <div className={css.trouble}>
              <CodeAlert {...trouble} />
            </div>
          )}
          <div className={css.start}>
            <Button look="primary" large onClick={() => setOpen("new")}>
              <Plus size={20} aria-hidden />
              {t("home.new")}
            </Button>
            <OpenLink />
          </div>
          <Ring />
        </section>
        <ul className={css.points}>
          {points.map(({ icon: Icon, title, text }) => (
            <li key={title}>
              <Icon size={24} aria-hidden />
              <h2>{t(title)}</h2>
              <p>{t(text)}</p>
            </li>
          ))}
        </ul>
        <Recent meetings={recent} onImport={() => setOpen("import")} />
      </main>
      <ServerFooter node={node} failed={trouble !== null} />
      {open === "new" && <NewMeeting directory={directory} node={node} onClose={close} />}
      {open === "import" && <ImportMeeting directory={directory} onClose={close} />}
    </div>
  );
}

function OpenLink() {
  const [link, setLink] = useState("");
  const [bad, setBad] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const open = (event: SubmitEvent) => {
    event.preventDefault();
    if (isMeetingLink(link, location.origin)) location.assign(link.trim());
    else {
      setBad(true);
      field.current?.focus();
    }
  };
  return (
    <form className={css.open} onSubmit={open} noValidate>
      <Line
        label={t("home.link")}
        placeholder={t("home.link.hint")}
        ref={field}
        value={link}
        autoComplete="off"
        spellCheck={false}
        invalid={bad ? t("home.link.bad", { origin: location.origin }) : undefined}
        onChange={(event) => {
          setLink(event.target.value);
          setBad(false);
        }}
      />
      <Button type="submit">{t("home.link.open")}</Button>
    </form>
  );
}

function Recent({ meetings, onImport }: { meetings: RecentMeeting[]; onImport: () => void }) {
  return (
    <section className={css.recent}>
      <div className={css.recentHead}>
        <h2>{t("home.recent")}</h2>
        <Button onClick={onImport}>
          <FileKey size={18} aria-hidden />
          {t("import.open")}
        </Button>
      </div>
      {meetings.length === 0 ? (
        <p className={css.none}>{t("home.recent.none")}</p>
      ) : (
        <ul className={css.list}>
          {meetings.map((meeting) => (
            <li key={meeting.meeting}>
              <a href={meeting.link}>
                <strong>{meeting.title}</strong>
                <span>
                  {dayOf(meeting.at)}
                  {meeting.owner && ` · ${t("home.recent.own")}`}
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
