import { Link } from "@tanstack/react-router";
import { App, Button } from "antd";
import { api, told } from "../../api/client";
import { inWords } from "../../api/in-words";
import { useWords } from "../../app/language";
import { Moment } from "../../app/moments";
import { PushedFields } from "./PushedFields";
import {
  type Push,
  type SourceState,
  useDefinitions,
  useFieldNames,
  useMappingName,
  usePushes,
  useSourceCall,
} from "./queries";

const COLOURS: Record<Push["state"], string | undefined> = {
  waiting: "blue",
  done: "green",
  conflict: "amber",
  failed: "red",
  dropped: undefined,
};

/** Changes on their way back to the source; what did not get there is sent again or given up by a person. */
export function Pushes({ source: { key: source, pushed = [] } }: { source: SourceState }) {
  const { t } = useWords();
  const named = useFieldNames();
  const { mappings } = useDefinitions();
  const objectOf = (mapping: string) => mappings.find(({ key }) => key === mapping)?.object;
  const { message } = App.useApp();
  const nameOf = useMappingName();
  const pushes = usePushes(source);
  const settle = useSourceCall(({ push, keep }: { push: string; keep: "ours" | "theirs" }) =>
    told(api.POST("/api/pushes/{push}", { params: { path: { push } }, body: { keep } })),
  );
  const keep = (push: string, whose: "ours" | "theirs") =>
    settle.mutate({ push, keep: whose }, { onError: (error) => void message.error(error.message, 6) });
  if (pushes.isError) return <p className="fault">{pushes.error.message}</p>;
  const fieldAt = (mapping: string, path: string) => {
    const found = pushed.find((each) => each.mapping === mapping && each.path === path);
    return found ? named(found.object, found.field) : path;
  };
  return (
    <>
      <PushedFields pushed={pushed} />
      {pushes.data?.length === 0 && <p className="blank">{t("pushesNothing")}</p>}
      <ul className="runs">
        {(pushes.data ?? []).map((each) => (
          <li key={each.id}>
            <span className="chip" data-colour={COLOURS[each.state]}>
              {t(`pushState.${each.state}`)}
            </span>
            {objectOf(each.mapping) === undefined ? (
              <b>{each.key}</b>
            ) : (
              <Link to="/records/$object/$id" params={{ object: objectOf(each.mapping) ?? "", id: each.record }}>
                {each.key}
              </Link>
            )}
            <span className="blank">
              {nameOf(each.mapping)} · <Moment at={each.at} />
            </span>
            {Object.entries(each.changed).map(([name, value]) => (
              <p key={name}>
                {fieldAt(each.mapping, name)}：{text(each.before?.[name])} → <b>{text(value)}</b>
                {each.state === "conflict" && (
                  <span className="blank"> · {t("pushTheirs", { value: text(valueAt(each.theirs, name)) })}</span>
                )}
              </p>
            ))}
            {each.faults.map((fault) => (
              <p key={`${fault.code}${fault.field}`} className="fault">
                {inWords(fault)}
              </p>
            ))}
            {(each.state === "conflict" || each.state === "failed") && (
              <p>
                <Button size="small" disabled={settle.isPending} onClick={() => keep(each.id, "ours")}>
                  {t("pushOurs")}
                </Button>{" "}
                <Button size="small" type="text" disabled={settle.isPending} onClick={() => keep(each.id, "theirs")}>
                  {t("pushGiveUp")}
                </Button>
              </p>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

const valueAt = (values: unknown, name: string): unknown =>
  Object.entries(values ?? {}).find(([key]) => key === name)?.[1];

const text = (value: unknown): string => {
  if (value === null || value === undefined || value === "") return "—";
  if (Array.isArray(value)) return value.map(text).join("、") || "—";
  return typeof value === "string" ? value : JSON.stringify(value);
};
