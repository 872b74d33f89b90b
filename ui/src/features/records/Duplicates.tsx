import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { App, Button } from "antd";
import { Merge, Undo2 } from "lucide-react";
import { api, told } from "../../api/client";
import type { ObjectDef } from "../../api/types";
import { useWords } from "../../app/language";
import { Moment } from "../../app/moments";
import "./duplicates.css";

/** Records that may be the same as this one, each with its reasons: merged here by one click, and taken back by one. */
export function Duplicates({ object, id }: { object: ObjectDef; id: string }) {
  const { t, language } = useWords();
  const { modal, message } = App.useApp();
  const client = useQueryClient();
  const path = { object: object.key, id };
  const likely = useQuery({
    queryKey: ["duplicates", object.key, id, language],
    queryFn: () => told(api.GET("/api/records/{object}/{id}/duplicates", { params: { path } })),
  });
  const merges = useQuery({
    queryKey: ["merges", object.key, id],
    queryFn: () => told(api.GET("/api/records/{object}/{id}/merges", { params: { path } })),
  });
  // What both have (orders, messages, tasks) goes from one record to the other: nothing on the screen is sure to hold.
  const done = { onSuccess: () => client.invalidateQueries(), onError: (error: Error) => message.error(error.message) };
  const merge = useMutation({
    mutationFn: (merged: string) =>
      told(api.POST("/api/records/{object}/{id}/merge", { params: { path }, body: { merged } })),
    ...done,
  });
  const undo = useMutation({
    mutationFn: (made: string) =>
      told<unknown>(api.POST("/api/merges/{merge}/undo", { params: { path: { merge: made } } })),
    ...done,
  });
  const ask = (other: string, label: string) =>
    modal.confirm({
      title: t("mergeAsk", { label }),
      content: t("mergeLead"),
      okText: t("merge"),
      cancelText: t("cancel"),
      onOk: () => merge.mutateAsync(other).catch(() => undefined),
    });
  const fault = likely.error ?? merges.error;
  if (fault) return <p className="fault">{fault.message}</p>;
  if (!likely.data || !merges.data) return null;
  return (
    <div className="duplicates">
      {likely.data.items.length === 0 && merges.data.items.length === 0 && <p className="lead">{t("noDuplicates")}</p>}
      <ul aria-label={t("duplicates")}>
        {likely.data.items.map((each) => (
          <li key={each.id}>
            <div>
              <Link to="/records/$object/$id" params={{ object: object.key, id: each.id }}>
                {each.label ?? each.id}
              </Link>
              <p className="lead">{[`${Math.round(each.score * 100)}%`, ...each.reasons].join(" · ")}</p>
            </div>
            <Button
              size="small"
              icon={<Merge size={13} aria-hidden />}
              onClick={() => ask(each.id, each.label ?? each.id)}
            >
              {t("mergeHere")}
            </Button>
          </li>
        ))}
      </ul>
      {merges.data.items.length > 0 && (
        <>
          <h2>{t("mergedHere")}</h2>
          <ul aria-label={t("mergedHere")}>
            {merges.data.items.map((each) => (
              <li key={each.id}>
                <div>
                  <span>{each.label ?? each.record}</span>
                  <p className="lead">
                    <Moment at={each.at} />
                  </p>
                </div>
                <Button
                  size="small"
                  icon={<Undo2 size={13} aria-hidden />}
                  loading={undo.isPending && undo.variables === each.id}
                  onClick={() => undo.mutate(each.id)}
                >
                  {t("unmerge")}
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
