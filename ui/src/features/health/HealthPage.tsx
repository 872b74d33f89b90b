import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Select } from "antd";
import { call } from "../../api/client";
import { useModel } from "../../api/queries";
import { useWords } from "../../app/language";
import { Empty } from "../../design/Empty";
import { Level } from "../../design/Level";
import { seenValues } from "../../meta/seen";

interface SegmentName {
  key: string;
  label: string;
  object: string;
}

interface Segment {
  segment: string;
  label: string;
  object: string;
  classes: { key: string; label: string; colour: string; count: number }[];
  members: { id: string; label: string | null; class: string; since: string }[];
}

interface Move {
  seq: number;
  id: string;
  label: string | null;
  at: string;
  from: string | null;
  to: string | null;
  reason: { when?: string | null; why?: string; seen?: Record<string, unknown> };
}

/** Who is in which class, since when, and who moved and why (客户健康度看板, S0-12). */
export function HealthPage() {
  const { t } = useWords();
  const asked = useSearch({ from: "/health" });
  const navigate = useNavigate({ from: "/health" });
  const names = useQuery({
    queryKey: ["segments"],
    queryFn: () => call<{ items: SegmentName[] }>("GET", "/api/segments").then((found) => found.items),
  });
  const key = asked.segment ?? names.data?.[0]?.key;
  return (
    <>
      <header className="bar">
        <h1>{t("healthPage")}</h1>
        <span className="gap" />
        {(names.data?.length ?? 0) > 1 && (
          <Select
            aria-label={t("healthPage")}
            value={key ?? null}
            popupMatchSelectWidth={false}
            onChange={(segment: string | null) => void navigate({ search: segment === null ? {} : { segment } })}
            options={(names.data ?? []).map((each) => ({ value: each.key, label: each.label }))}
          />
        )}
      </header>
      <div className="page">
        {names.isSuccess && key === undefined && <Empty title={t("healthNothing")} lead={t("healthNothingLead")} />}
        {key !== undefined && (
          <SegmentBoard
            key={key}
            segment={key}
            chosen={asked.class}
            onChoose={(of) => void navigate({ search: { segment: key, ...(of ? { class: of } : {}) } })}
          />
        )}
      </div>
    </>
  );
}

function SegmentBoard({
  segment,
  chosen,
  onChoose,
}: {
  segment: string;
  chosen: string | undefined;
  onChoose: (key: string | undefined) => void;
}) {
  const { t } = useWords();
  const found = useQuery({
    queryKey: ["segment", segment, chosen],
    queryFn: () =>
      call<Segment>(
        "GET",
        `/api/segments/${segment}?${new URLSearchParams({ limit: "200", ...(chosen ? { class: chosen } : {}) })}`,
      ),
    placeholderData: (before) => before,
    refetchInterval: 60_000,
  });
  const data = found.data;
  if (data === undefined) return null;
  const total = data.classes.reduce((sum, each) => sum + each.count, 0);
  return (
    <>
      <div className="class-tiles" role="tablist" aria-label={data.label}>
        {data.classes.map((each) => (
          <button
            key={each.key}
            type="button"
            role="tab"
            aria-selected={each.key === chosen}
            onClick={() => onChoose(each.key === chosen ? undefined : each.key)}
          >
            <ClassLevel colour={each.colour} label={each.label} />
            <b>{each.count.toLocaleString()}</b>
            <span>{total === 0 ? "" : `${Math.round((each.count / total) * 100)}%`}</span>
          </button>
        ))}
      </div>
      <div className="class-columns">
        <section>
          <h2>{t("members")}</h2>
          <Members data={data} />
        </section>
        <section>
          <h2>{t("moves")}</h2>
          <Moves segment={segment} data={data} />
        </section>
      </div>
    </>
  );
}

function ClassLevel({ colour, label }: { colour: string; label: string }) {
  return <Level level={colour === "red" || colour === "yellow" || colour === "green" ? colour : "info"}>{label}</Level>;
}

function Members({ data }: { data: Segment }) {
  const { t, language } = useWords();
  if (data.members.length === 0) return <p className="lead">{t("nothingFound")}</p>;
  return (
    <table className="plain">
      <tbody>
        {data.members.map((each) => {
          const of = data.classes.find((one) => one.key === each.class);
          return (
            <tr key={each.id}>
              <td>
                <Link to="/records/$object" params={{ object: data.object }} search={{ record: each.id }}>
                  {each.label ?? "—"}
                </Link>
              </td>
              <td>{of && <ClassLevel colour={of.colour} label={of.label} />}</td>
              <td className="when">
                {t("sinceDay", { day: new Date(each.since).toLocaleDateString(language === "zh" ? "zh-CN" : "en") })}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Moves({ segment, data }: { segment: string; data: Segment }) {
  const { t, language } = useWords();
  const model = useModel().data;
  const moves = useQuery({
    queryKey: ["moves", segment],
    queryFn: () =>
      call<{ items: Move[] }>("GET", `/api/segments/${segment}/moves?limit=60`).then((found) => found.items),
    refetchInterval: 60_000,
  });
  const nameOf = (key: string | null) => data.classes.find((each) => each.key === key)?.label ?? t("noClass");
  if (moves.data?.length === 0) return <p className="lead">{t("movesNothing")}</p>;
  return (
    <ul className="moves">
      {(moves.data ?? []).map((each) => (
        <li key={each.seq}>
          <Link to="/records/$object" params={{ object: data.object }} search={{ record: each.id }}>
            {each.label ?? "—"}
          </Link>{" "}
          <span>
            {nameOf(each.from)} → <b>{nameOf(each.to)}</b>
          </span>
          <p className="when">
            {new Date(each.at).toLocaleString(language === "zh" ? "zh-CN" : "en", {
              dateStyle: "medium",
              timeStyle: "short",
            })}
            {each.reason.when ? ` · ${each.reason.when}` : ""}
            {seenValues(model, data.object, each.reason.seen ?? {}, language).map(
              (value) => ` · ${value.label} ${value.text}`,
            )}
          </p>
        </li>
      ))}
    </ul>
  );
}
