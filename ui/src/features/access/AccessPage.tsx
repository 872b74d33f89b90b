import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Select } from "antd";
import { Eye, Plus, UserCog } from "lucide-react";
import { useState } from "react";
import { useModel } from "../../api/queries";
import { useWords } from "../../app/language";
import { PageTitle } from "../../design/PageTitle";
import { usePhone } from "../../grid/phone";
import { NewRole, RoleEditor } from "./RoleEditor";
import { SeeAs } from "./SeeAs";
import "../../design/settings.css";
import "../../design/access.css";

/** Who may see and do what: a matrix a role, shown before it is applied, and looked at as any person sees it. */
export function AccessPage() {
  const { t, say } = useWords();
  const phone = usePhone();
  const model = useModel();
  const asked = useSearch({ from: "/build/access" });
  const navigate = useNavigate({ from: "/build/access" });
  const [looking, setLooking] = useState(false);
  const [making, setMaking] = useState(false);
  const roles = model.data?.roles ?? [];
  const role = roles.find((each) => each.key === asked.role) ?? roles.find((each) => !each.builtin) ?? roles[0];
  if (role === undefined) return null;
  const all = model.data?.objects ?? [];
  const objects = [...all.filter((each) => !each.builtin), ...all.filter((each) => each.builtin)];
  const choose = (key: string) => void navigate({ search: { role: key } });
  return (
    <>
      <header className="bar">
        <PageTitle>{t("access")}</PageTitle>
        {phone && (
          <Select
            aria-label={t("roles")}
            style={{ width: 120 }}
            value={role.key}
            onChange={choose}
            options={roles.map((each) => ({ value: each.key, label: say(each.label) }))}
          />
        )}
        <span className="gap" />
        <Button icon={<Eye size={14} aria-hidden />} aria-label={t("seeAs")} onClick={() => setLooking(true)}>
          {phone ? null : t("seeAs")}
        </Button>
      </header>
      <div className="split">
        {!phone && (
          <nav className="split-list" aria-label={t("roles")}>
            {roles.map((each) => (
              <button
                key={each.key}
                type="button"
                className="split-item"
                aria-current={each.key === role.key}
                onClick={() => choose(each.key)}
              >
                <UserCog size={16} strokeWidth={1.6} aria-hidden />
                <span>{say(each.label)}</span>
              </button>
            ))}
            <button type="button" className="split-item" onClick={() => setMaking(true)}>
              <Plus size={16} aria-hidden />
              <span>{t("addRole")}</span>
            </button>
          </nav>
        )}
        <div className="split-main">
          <RoleEditor key={`${role.key} ${model.data?.version}`} role={role} objects={objects} />
        </div>
      </div>
      {making && <NewRole roles={roles} onMade={choose} onClose={() => setMaking(false)} />}
      {looking && <SeeAs objects={objects} onClose={() => setLooking(false)} />}
    </>
  );
}
