import { useNavigate, useSearch } from "@tanstack/react-router";
import { Tabs } from "antd";
import { useWords } from "../../app/language";
import { PageTitle } from "../../design/PageTitle";
import { UsualPreferences } from "../profile/Preferences";
import { MemberDrawer } from "./MemberDrawer";
import { Members } from "./Members";
import "../../design/settings.css";
import "../../design/profile.css";
import "./members.css";

/** The people of the company: who signs in and how, who is away, and how those are told who have not chosen. */
export function MembersPage() {
  const { t } = useWords();
  const { person } = useSearch({ from: "/build/members" });
  const navigate = useNavigate({ from: "/build/members" });
  const show = (id?: string) => void navigate({ search: id === undefined ? {} : { person: id } });
  return (
    <>
      <header className="bar">
        <PageTitle>{t("membersWord")}</PageTitle>
      </header>
      <div className="page members">
        <Tabs
          items={[
            { key: "people", label: t("membersWord"), children: <Members onOpen={show} /> },
            {
              key: "usual",
              label: t("usualNotices"),
              children: (
                <div className="profile">
                  <UsualPreferences />
                </div>
              ),
            },
          ]}
        />
      </div>
      {person && <MemberDrawer key={person} person={person} onClose={() => show()} />}
    </>
  );
}
