import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { Check, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useWords } from "../../app/language";
import { wayToRecord } from "../../app/record-way";
import { precision, type WordsTried } from "./words";

/** What words would hit: counts, and samples to be judged right or wrong, from which the precision is read. */
export function TriedView({ tried }: { tried: WordsTried }) {
  const { t, language } = useWords();
  const [judged, setJudged] = useState<Record<number, boolean>>({});
  const top = useRef<HTMLElement>(null);
  useEffect(() => {
    // What it returns (a promise, in new browsers) is no clean-up.
    top.current?.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }, []);
  const locale = language === "en" ? "en" : "zh-CN";
  const share = precision(judged);
  const refused = Object.entries(tried.refused);
  return (
    <section ref={top} className="trial" aria-label={t("tryWords")}>
      <p className="lead">{t("triedLead", { count: tried.messages })}</p>
      <ul className="trial-counts">
        {(["hits_now", "hits", "gained", "lost", "customers"] as const).map((name) => (
          <li key={name}>
            <b>{tried[name]}</b> {t(`tried.${name}`)}
          </li>
        ))}
        {share !== undefined && (
          <li>
            <b>{Math.round(share * 100)}%</b> {t("triedPrecision", { count: Object.keys(judged).length })}
          </li>
        )}
      </ul>
      {refused.length > 0 && (
        <p className="lead">
          {t("heldBack")} {refused.map(([why, count]) => `${t(`heldBack.${why}`)} ${count}`).join(" · ")}
        </p>
      )}
      <ul className="runs">
        {tried.samples.map((each, at) => (
          <li key={`${each.record}${each.start}`}>
            <span className="word-sample">
              {each.text.slice(0, each.start)}
              <mark>{each.text.slice(each.start, each.end)}</mark>
              {each.text.slice(each.end)}
            </span>
            {each.refused && <span className="chip">{t(`heldBack.${each.refused}`)}</span>}
            <span className="run-counts">
              <Link {...wayToRecord(each.object, each.record)}>
                {each.at ? new Date(each.at).toLocaleString(locale, { dateStyle: "short", timeStyle: "short" }) : "…"}
              </Link>
              {each.refused === null && (
                <>
                  <Button
                    size="small"
                    type={judged[at] === true ? "primary" : "default"}
                    icon={<Check size={13} aria-hidden />}
                    aria-label={t("hitRight")}
                    aria-pressed={judged[at] === true}
                    onClick={() => setJudged({ ...judged, [at]: true })}
                  />
                  <Button
                    size="small"
                    type={judged[at] === false ? "primary" : "default"}
                    danger={judged[at] === false}
                    icon={<X size={13} aria-hidden />}
                    aria-label={t("hitWrong")}
                    aria-pressed={judged[at] === false}
                    onClick={() => setJudged({ ...judged, [at]: false })}
                  />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
      {tried.unseen > 0 && <p className="blank">{t("triedUnseen", { count: tried.unseen })}</p>}
    </section>
  );
}
