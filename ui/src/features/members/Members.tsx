import { Button, Input } from "antd";
import { Search } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { useModel, useRecords } from "../../api/queries";
import type { AbsenceOfPerson, AccountLine } from "../../api/schema";
import type { RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { Moment } from "../../app/moments";
import { Empty } from "../../design/Empty";
import { usePhone } from "../../grid/phone";
import { Value } from "../../meta/Value";
import { useAllAbsences } from "../profile/away";
import { useAccounts } from "./queries";

// What a person's record tells here, beside the name.
const SHOWN = ["roles", "team"];

/** All people by name, with their roles, sign-in and the next absence; a line opens one. */
export function Members({ onOpen }: { onOpen: (person: string) => void }) {
  const { t, say, language } = useWords();
  const phone = usePhone();
  const model = useModel().data;
  const [typed, setTyped] = useState("");
  const people = useRecords("person", { sort: "name", search: useDeferredValue(typed.trim()) });
  const accounts = useAccounts();
  const absences = useAllAbsences();
  const fields = model?.objects.find((each) => each.key === "person")?.fields ?? [];
  const columns = phone ? [] : fields.filter((each) => SHOWN.includes(each.key));
  const rows = people.data?.pages.flatMap((page) => page.items) ?? [];
  const failed = people.error ?? accounts.error ?? absences.error;
  return (
    <>
      <div className="members-bar">
        <Input
          allowClear
          prefix={<Search size={14} aria-hidden />}
          aria-label={t("searchMembers")}
          placeholder={t("searchMembers")}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </div>
      {failed && <p className="fault">{failed.message}</p>}
      {people.isSuccess && rows.length === 0 && <Empty title={t("noMembers")} lead={t("noMembersLead")} />}
      {rows.length > 0 && (
        <table className="plain member-table">
          <thead>
            <tr>
              <th scope="col">{t("personWord")}</th>
              {columns.map((each) => (
                <th key={each.key} scope="col">
                  {say(each.label)}
                </th>
              ))}
              <th scope="col">{t("signInWord")}</th>
              <th scope="col">{t("away")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id}>
                <td>
                  <button type="button" className="link-button" onClick={() => onOpen(row.id)}>
                    {String(row.name ?? "—")}
                  </button>
                  {row.active === false && <span className="chip">{t("inactive")}</span>}
                </td>
                {columns.map((each) => (
                  <td key={each.key}>
                    <Value field={each} value={row[each.key]} language={language} />
                  </td>
                ))}
                <td>
                  <SignInMark account={accounts.data?.get(row.id)} known={accounts.isSuccess} />
                </td>
                <td>
                  <NextAbsence of={row} absences={absences.data ?? []} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {people.hasNextPage && (
        <Button onClick={() => void people.fetchNextPage()} loading={people.isFetchingNextPage}>
          {t("more")}
        </Button>
      )}
    </>
  );
}

function SignInMark({ account, known }: { account: AccountLine | undefined; known: boolean }) {
  const { t } = useWords();
  if (!known) return null;
  if (account === undefined) return <span className="blank">{t("noSignIn")}</span>;
  return (
    <>
      <span className="member-login">{account.login}</span>
      {account.disabled_at && <span className="chip">{t("switchedOff")}</span>}
    </>
  );
}

/** The absence under way, else the next. */
function NextAbsence({ of, absences }: { of: RecordRow; absences: AbsenceOfPerson[] }) {
  const { t } = useWords();
  const next = absences.find((each) => each.person === of.id);
  if (next === undefined) return null;
  const isNow = new Date(next.from_at) <= new Date();
  return (
    <>
      {isNow && (
        <span className="chip" data-colour="amber">
          {t("awayNow")}
        </span>
      )}{" "}
      <span className="blank">
        {!isNow && (
          <>
            <Moment at={next.from_at} day />
            {" — "}
          </>
        )}
        {isNow && t("awayUntil")} <Moment at={next.to_at} day />
      </span>
    </>
  );
}
