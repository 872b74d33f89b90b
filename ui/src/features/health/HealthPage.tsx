import { useNavigate, useSearch } from "@tanstack/react-router";
import { Select } from "antd";
import { useWords } from "../../app/language";
import { Empty } from "../../design/Empty";
import { PageTitle } from "../../design/PageTitle";
import { Members } from "./Members";
import { Moves } from "./Moves";
import { ClassLevel } from "./Reasons";
import { bySeverity, useSegment, useSegments } from "./segments";
import "../../design/health.css";

/** Stands for the members of all classes in the address. */
const ALL = "all";

/** Who is in which class, since when, and who moved and why (客户健康度看板, S0-12). */
export function HealthPage() {
  const { t } = useWords();
  const asked = useSearch({ from: "/health" });
  const navigate = useNavigate({ from: "/health" });
  const names = useSegments();
  const key = asked.segment ?? names.data?.[0]?.key;
  return (
    <>
      <header className="bar">
        <PageTitle>{names.data?.find((each) => each.key === key)?.label ?? t("healthPage")}</PageTitle>
        <span className="gap" />
        {(names.data?.length ?? 0) > 1 && (
          <Select
            aria-label={t("segments")}
            value={key ?? null}
            popupMatchSelectWidth={false}
            onChange={(segment: string | null) => void navigate({ search: segment === null ? {} : { segment } })}
            options={(names.data ?? []).map((each) => ({ value: each.key, label: each.label }))}
          />
        )}
      </header>
      <div className="page">
        {names.isError && <p className="fault">{names.error.message}</p>}
        {names.isSuccess && key === undefined && <Empty title={t("healthNothing")} lead={t("healthNothingLead")} />}
        {key !== undefined && (
          <SegmentBoard
            key={key}
            segment={key}
            asked={asked.class}
            onChoose={(of) => void navigate({ search: { segment: key, class: of } })}
          />
        )}
      </div>
    </>
  );
}

/** Without a class asked for, the most urgent one that has members. */
function SegmentBoard(props: { segment: string; asked: string | undefined; onChoose: (key: string) => void }) {
  const { segment, asked, onChoose } = props;
  const { t } = useWords();
  const counts = useSegment(segment, asked === ALL ? undefined : asked);
  const classes = bySeverity(counts.data?.classes ?? []);
  const chosen = asked ?? classes.find((each) => each.count > 0)?.key ?? ALL;
  // With a class in the address the counts come with its members, and this is the same query.
  const shown = useSegment(segment, chosen === ALL ? undefined : chosen, counts.isSuccess);
  if (counts.isError) return <p className="fault">{counts.error.message}</p>;
  if (shown.data === undefined) return null;
  const { data } = shown;
  const total = classes.reduce((sum, each) => sum + each.count, 0);
  return (
    <>
      <div className="class-tiles" role="tablist" aria-label={data.label}>
        {[...classes, { key: ALL, label: t("all"), colour: "", count: total }].map((each) => (
          <button
            key={each.key}
            type="button"
            role="tab"
            aria-selected={each.key === chosen}
            onClick={() => onChoose(each.key)}
          >
            {each.colour ? <ClassLevel of={each} /> : <span className="level">{each.label}</span>}
            <b>{each.count.toLocaleString()}</b>
            <span>{total === 0 ? "" : `${Math.round((each.count / total) * 100)}%`}</span>
          </button>
        ))}
      </div>
      <div className="class-columns">
        <section>
          <h2>{classes.find((each) => each.key === chosen)?.label ?? t("members")}</h2>
          {shown.isPlaceholderData ? (
            // Those of the class before are none of this one's.
            <p className="lead">{t("loading")}</p>
          ) : (
            <Members data={data} isAll={chosen === ALL} />
          )}
        </section>
        <section>
          <h2>{t("moves")}</h2>
          <Moves segment={segment} data={data} />
        </section>
      </div>
    </>
  );
}
