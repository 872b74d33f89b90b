import { Link } from "@tanstack/react-router";
import { Button, Segmented, Tabs } from "antd";
import { useMe, useSignOut } from "../../api/queries";
import { buildPages } from "../../app/build-pages";
import { chooseDensity, useDensity } from "../../app/density";
import { chooseLanguage, useWords } from "../../app/language";
import { useTheme } from "../../app/theme";
import { PageTitle } from "../../design/PageTitle";
import { usePhone } from "../../grid/phone";
import { Absences } from "./Absences";
import { Password } from "./Password";
import { Preferences } from "./Preferences";
import { Sessions } from "./Sessions";
import { Tokens } from "./Tokens";
import "../../design/settings.css";
import "../../design/profile.css";

/** What is one's own: how it looks, how one is told, being away, password, sessions, tokens. */
export function ProfilePage() {
  const { t } = useWords();
  const me = useMe().data;
  const signOut = useSignOut();
  if (me === undefined) return null;
  return (
    <>
      <header className="bar">
        <PageTitle>{me.person.name}</PageTitle>
        <span className="gap" />
        <Button onClick={() => signOut.mutate()}>{t("signOut")}</Button>
      </header>
      <div className="page profile">
        <Tabs
          items={[
            { key: "looks", label: t("looks"), children: <Looks /> },
            { key: "notices", label: t("notices"), children: <Preferences /> },
            { key: "away", label: t("away"), children: <Absences person={me.person.id} /> },
            { key: "password", label: t("password"), children: <Password /> },
            { key: "sessions", label: t("sessions"), children: <Sessions /> },
            { key: "tokens", label: t("tokens"), children: <Tokens /> },
          ]}
        />
      </div>
    </>
  );
}

function Looks() {
  const { t, language } = useWords();
  const { dark, toggle } = useTheme();
  const density = useDensity();
  const phone = usePhone();
  const pages = buildPages(useMe().data?.manages ?? []);
  return (
    <>
      <dl className="fields settings">
        <dt>{t("density")}</dt>
        <dd>
          <Segmented
            aria-label={t("density")}
            value={density}
            onChange={chooseDensity}
            options={[
              { value: "dense", label: t("dense") },
              { value: "easy", label: t("easy") },
            ]}
          />
        </dd>
        <dt>{t("themeWord")}</dt>
        <dd>
          <Segmented
            aria-label={t("themeWord")}
            value={dark ? "dark" : "light"}
            onChange={(next) => (next === "dark") !== dark && toggle()}
            options={[
              { value: "light", label: t("themeLight") },
              { value: "dark", label: t("theme") },
            ]}
          />
        </dd>
        <dt>{t("languageWord")}</dt>
        <dd>
          <Segmented
            aria-label={t("languageWord")}
            value={language}
            onChange={chooseLanguage}
            options={[
              { value: "zh", label: "中文" },
              { value: "en", label: "English" },
            ]}
          />
        </dd>
      </dl>
      {phone && pages.length > 0 && (
        <nav className="profile-links" aria-label={t("build")}>
          {pages.map(({ to, word, Icon }) => (
            <Link key={to} to={to}>
              <Icon size={16} strokeWidth={1.6} aria-hidden />
              {t(word)}
            </Link>
          ))}
        </nav>
      )}
    </>
  );
}
