import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Popover } from "antd";
import { useState } from "react";
import { api, told } from "../../api/client";
import { useModel } from "../../api/queries";
import type { RecordRow } from "../../api/types";
import { useWords } from "../../app/language";
import { wayToRecord } from "../../app/record-way";
import { seenValues } from "../../meta/seen";
import { titleOf } from "../../meta/target";
import { textOf } from "../today/tasks";
import { aroundWord } from "./words";

/** Why there is this signal: the values that the rule saw, and what it was heard in, as far as one may read it. */
export function Evidence({ signal }: { signal: RecordRow }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const heard = useHeard(signal, open);
  if (!textOf(signal, "rule")) return null;
  const rule = heard.data?.rule ?? textOf(signal, "rule");
  const title = t("evidenceOf", { rule, version: String(signal.rule_version ?? "") });
  return (
    <Popover
      trigger="click"
      title={title}
      open={open}
      onOpenChange={setOpen}
      content={open ? <Reasons signal={signal} /> : null}
    >
      <button type="button" className="text-button">
        {t("why")}
      </button>
    </Popover>
  );
}

/** The values that the rule saw, and what it was heard in. */
export function Reasons({ signal }: { signal: RecordRow }) {
  const { t, language } = useWords();
  const model = useModel().data;
  const heard = useHeard(signal);
  const values = seenValues(model, textOf(signal, "subject_object"), seenOf(signal), language);
  const items = heard.data?.items ?? [];
  return (
    <div className="evidence">
      {values.length > 0 && (
        <table className="plain">
          <tbody>
            {values.map((each) => (
              <tr key={each.key}>
                <th scope="row">{each.label}</th>
                <td>{each.text}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {items.map((each) => {
        const record = each.record as RecordRow;
        const { before, word, after } = aroundWord(titleOf(model, each.object, record), each.keyword);
        return (
          <blockquote key={record.id}>
            <Link {...wayToRecord(each.object, record.id)}>
              {before}
              {word && <mark>{word}</mark>}
              {after}
            </Link>
          </blockquote>
        );
      })}
      {heard.isSuccess && items.length === 0 && values.length === 0 && <p className="blank">{t("evidenceNone")}</p>}
    </div>
  );
}

const useHeard = (signal: RecordRow, enabled = true) =>
  useQuery({
    queryKey: ["heard", signal.id],
    queryFn: () => told(api.GET("/api/signals/{id}/evidence", { params: { path: { id: signal.id } } })),
    enabled,
  });

function seenOf(signal: RecordRow): Record<string, unknown> {
  const evidence: unknown = signal.evidence;
  if (evidence === null || typeof evidence !== "object" || Array.isArray(evidence)) return {};
  const seen: unknown = "seen" in evidence ? evidence.seen : evidence;
  return seen !== null && typeof seen === "object" ? (seen as Record<string, unknown>) : {};
}
