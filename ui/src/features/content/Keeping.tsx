import { useWords } from "../../app/language";
import { useReaders, useUsage } from "./packs";

/** Who the pack is meant for: those who have still to confirm first. */
export function Readers({ id }: { id: string }) {
  const { t, language } = useWords();
  const readers = useReaders(id);
  if (readers.isError) return <p className="fault">{readers.error.message}</p>;
  if (readers.data === undefined) return null;
  const when = (moment: string | null) =>
    moment === null
      ? "—"
      : new Date(moment).toLocaleString(language === "zh" ? "zh-CN" : "en", {
          dateStyle: "medium",
          timeStyle: "short",
        });
  return (
    <>
      <p className="lead">{t("pack.waiting", { count: readers.data.waiting, all: readers.data.items.length })}</p>
      <table className="pack-table">
        <thead>
          <tr>
            <th>{t("personWord")}</th>
            <th>{t("pack.openedAt")}</th>
            <th>{t("pack.confirmedAt")}</th>
          </tr>
        </thead>
        <tbody>
          {readers.data.items.map((each) => (
            <tr key={each.person}>
              <td>{each.name}</td>
              <td>{when(each.opened_at)}</td>
              <td>{when(each.confirmed_at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** What was done with each edition. */
export function UsageOfEditions({ id }: { id: string }) {
  const { t } = useWords();
  const usage = useUsage(id);
  if (usage.isError) return <p className="fault">{usage.error.message}</p>;
  if (usage.data === undefined) return null;
  if (usage.data.length === 0) return <p className="lead">{t("pack.unused")}</p>;
  return (
    <table className="pack-table">
      <thead>
        <tr>
          <th>{t("pack.editionWord")}</th>
          <th className="number">{t("pack.pushedCount")}</th>
          <th className="number">{t("pack.openedCount")}</th>
          <th className="number">{t("pack.readersCount")}</th>
          <th className="number">{t("pack.usedCount")}</th>
          <th className="number">{t("pack.confirmedCount")}</th>
        </tr>
      </thead>
      <tbody>
        {usage.data.map((each) => (
          <tr key={each.edition}>
            <td>{each.edition}</td>
            <td className="number">{each.pushed}</td>
            <td className="number">{each.opened}</td>
            <td className="number">{each.readers}</td>
            <td className="number">{each.used}</td>
            <td className="number">{each.confirmed}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
